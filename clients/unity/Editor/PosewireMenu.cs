using UnityEditor;
using UnityEngine;

namespace Posewire.Editor
{
    /// <summary>GameObject > Posewire.</summary>
    public static class PosewireMenu
    {
        private const string Folder = "GameObject/Posewire/";

        [MenuItem(Folder + "Receiver", false, 10)]
        public static void Receiver(MenuCommand command)
        {
            Create("Posewire Receiver", command).AddComponent<PosewireReceiver>();
        }

        [MenuItem(Folder + "Skeleton", false, 11)]
        public static void Skeleton(MenuCommand command)
        {
            Create("Posewire Skeleton", command).AddComponent<PosewireSkeleton>();
        }

        [MenuItem(Folder + "Avatar", false, 12)]
        public static void Avatar(MenuCommand command)
        {
            GameObject selected = command.context as GameObject;
            if (selected == null || selected.GetComponentInChildren<Animator>() == null)
            {
                EditorUtility.DisplayDialog("Posewire", "Select an avatar with an Animator first.", "OK");
                return;
            }
            if (selected.GetComponent<PosewireAvatar>() == null)
            {
                Undo.AddComponent<PosewireAvatar>(selected);
            }
        }

        private static GameObject Create(string name, MenuCommand command)
        {
            GameObject made = new GameObject(name);
            GameObjectUtility.SetParentAndAlign(made, command.context as GameObject);
            Undo.RegisterCreatedObjectUndo(made, "Create " + name);
            Selection.activeObject = made;
            return made;
        }
    }
}
