// https://docs.unity3d.com/ScriptReference/Editor.html
// https://docs.unity3d.com/ScriptReference/CustomEditor.html
// https://docs.unity3d.com/ScriptReference/EditorGUILayout.html
// https://docs.unity3d.com/ScriptReference/EditorStyles.html
// https://docs.unity3d.com/ScriptReference/MessageType.html
using System;
using UnityEngine;

namespace UnityEditor
{
    public class Editor : ScriptableObject
    {
        public UnityEngine.Object target { get; set; }

        public virtual void OnInspectorGUI() { }
        public virtual bool RequiresConstantRepaint() { return false; }
        public bool DrawDefaultInspector() { return false; }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CustomEditor : Attribute
    {
        public CustomEditor(Type inspectedType)
        {
        }
    }

    public enum MessageType
    {
        None = 0,
        Info = 1,
        Warning = 2,
        Error = 3,
    }

    public sealed class EditorGUILayout
    {
        public static void LabelField(string label, string label2, params GUILayoutOption[] options)
        {
            Posewire.Stubs.InspectorText.Write(label + ": " + label2);
        }

        public static void LabelField(string label, string label2, GUIStyle style, params GUILayoutOption[] options)
        {
            Posewire.Stubs.InspectorText.Write(label + ": " + label2);
        }

        public static void HelpBox(string message, MessageType type)
        {
            Posewire.Stubs.InspectorText.Write(type + ": " + message);
        }

        public static void Space() { }
    }

    public sealed class EditorStyles
    {
        public static GUIStyle boldLabel { get { return null; } }
    }
}
