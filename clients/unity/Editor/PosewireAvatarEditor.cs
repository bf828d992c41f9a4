using UnityEditor;
using UnityEngine;

namespace Posewire.Editor
{
    /// <summary>Says why an avatar doesn't move, and whom it follows.</summary>
    [CustomEditor(typeof(PosewireAvatar))]
    public sealed class PosewireAvatarEditor : UnityEditor.Editor
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
            PosewireAvatar avatar = (PosewireAvatar)target;
            if (avatar.Problem.Length > 0)
            {
                EditorGUILayout.HelpBox(avatar.Problem, MessageType.Error);
            }
            EditorGUILayout.LabelField("Follows", avatar.PersonId < 0 ? "nobody" : "person " + avatar.PersonId);
        }
    }
}
