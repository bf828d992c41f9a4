using Posewire.Core;
using UnityEditor;
using UnityEngine;

namespace Posewire.Editor
{
    /// <summary>Shows how a receiver fares while playing.</summary>
    [CustomEditor(typeof(PosewireReceiver))]
    public sealed class PosewireReceiverEditor : UnityEditor.Editor
    {
        public override bool RequiresConstantRepaint()
        {
            return Application.isPlaying;
        }

        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            if (!Application.isPlaying)
            {
                return;
            }
            PosewireReceiver receiver = (PosewireReceiver)target;
            EditorGUILayout.Space();
            ShowState(receiver);
            if (receiver.Reason.Length > 0)
            {
                EditorGUILayout.HelpBox(receiver.Reason, receiver.State == ConnectionState.Live ? MessageType.Info : MessageType.Warning);
            }
            EditorGUILayout.LabelField("Rate", receiver.Rate.ToString("0.0") + " frames a second");
            EditorGUILayout.LabelField("Latency", Latency(receiver.LatencyMs));
            EditorGUILayout.LabelField("Dropped", receiver.Dropped.ToString());
            EditorGUILayout.LabelField("People", receiver.People.ToString());
            ShowServer(receiver);
            if (GUILayout.Button("Connect anew"))
            {
                receiver.Connect();
            }
        }

        private static void ShowState(PosewireReceiver receiver)
        {
            Color before = GUI.color;
            GUI.color = Colour(receiver.State);
            EditorGUILayout.LabelField("State", receiver.State.ToString(), EditorStyles.boldLabel);
            GUI.color = before;
        }

        private static Color Colour(ConnectionState state)
        {
            switch (state)
            {
                case ConnectionState.Live:
                    return new Color(0.3f, 0.9f, 0.3f);
                case ConnectionState.Connecting:
                    return new Color(0.9f, 0.8f, 0.2f);
                case ConnectionState.Lost:
                    return new Color(1, 0.6f, 0.2f);
                case ConnectionState.Refused:
                    return new Color(1, 0.35f, 0.3f);
                default:
                    return new Color(0.7f, 0.7f, 0.7f);
            }
        }

        private static string Latency(float latencyMs)
        {
            return float.IsNaN(latencyMs) ? "not known" : latencyMs.ToString("0") + " ms from capture to arrival";
        }

        private static void ShowServer(PosewireReceiver receiver)
        {
            Hello hello = receiver.Hello;
            if (hello == null)
            {
                return;
            }
            EditorGUILayout.LabelField("Server", hello.Server);
            foreach (StreamInfo stream in hello.Streams)
            {
                EditorGUILayout.LabelField(
                    "Stream", stream.Id + ", " + stream.Width + " x " + stream.Height + ", " + stream.Engine + " " + stream.Model);
            }
            Status status = receiver.StreamStatus;
            if (status != null && status.State != StreamState.Live)
            {
                string state = status.Gone ? "gone; it is shown again when it is back" : status.State.ToString().ToLowerInvariant();
                EditorGUILayout.HelpBox("The stream is " + state + ". " + status.Detail, MessageType.Info);
            }
        }
    }
}
