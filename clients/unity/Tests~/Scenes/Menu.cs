using System;
using Posewire.Editor;
using UnityEditor;
using UnityEngine;

namespace Posewire.Scenes
{
    /// <summary>Chooses from GameObject > Posewire.</summary>
    internal static class Menu
    {
        public static string Choose(string item, GameObject selected)
        {
            Selection.activeObject = null;
            MenuCommand command = new MenuCommand(selected);
            switch (item)
            {
                case "Receiver":
                    PosewireMenu.Receiver(command);
                    break;
                case "Skeleton":
                    PosewireMenu.Skeleton(command);
                    break;
                case "Avatar":
                    PosewireMenu.Avatar(command);
                    break;
                default:
                    throw new ArgumentException("no item '" + item + "'");
            }
            GameObject made = Selection.activeObject as GameObject;
            GameObject shown = made != null ? made : selected;
            return new Answer()
                .Text("made", made == null ? "" : made.name)
                .Text("parent", made == null || made.transform.parent == null ? "" : made.transform.parent.name)
                .Flag("receiver", shown != null && shown.GetComponent<PosewireReceiver>() != null)
                .Flag("skeleton", shown != null && shown.GetComponent<PosewireSkeleton>() != null)
                .Flag("avatar", shown != null && shown.GetComponent<PosewireAvatar>() != null)
                .ToString();
        }
    }
}
