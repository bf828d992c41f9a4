// https://docs.unity3d.com/ScriptReference/MenuItem.html
// https://docs.unity3d.com/ScriptReference/MenuCommand.html
// https://docs.unity3d.com/ScriptReference/Undo.html
// https://docs.unity3d.com/ScriptReference/Selection.html
// https://docs.unity3d.com/ScriptReference/GameObjectUtility.html
// https://docs.unity3d.com/ScriptReference/EditorUtility.html
using System;
using UnityEngine;

namespace UnityEditor
{
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class MenuItem : Attribute
    {
        public MenuItem(string itemName, bool isValidateFunction, int priority)
        {
        }
    }

    public sealed class MenuCommand
    {
        public UnityEngine.Object context;

        public MenuCommand(UnityEngine.Object context)
        {
            this.context = context;
        }
    }

    public class Undo
    {
        public static void RegisterCreatedObjectUndo(UnityEngine.Object objectToUndo, string name) { }

        public static T AddComponent<T>(GameObject gameObject) where T : Component
        {
            return gameObject.AddComponent<T>();
        }
    }

    public sealed class Selection
    {
        public static UnityEngine.Object activeObject { get; set; }
    }

    public sealed class GameObjectUtility
    {
        public static void SetParentAndAlign(GameObject child, GameObject parent)
        {
            if (parent != null)
            {
                child.transform.SetParent(parent.transform, false);
            }
        }
    }

    public class EditorUtility
    {

        public static bool DisplayDialog(string title, string message, string ok)
        {
            return true;
        }
    }
}
