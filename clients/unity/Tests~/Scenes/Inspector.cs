using System;
using Posewire.Editor;
using Posewire.Stubs;
using UnityEngine;

namespace Posewire.Scenes
{
    /// <summary>Draws a component's inspector.</summary>
    internal static class Inspector
    {
        public static string Show(Component component)
        {
            UnityEditor.Editor editor = component is PosewireReceiver
                ? (UnityEditor.Editor)new PosewireReceiverEditor()
                : new PosewireAvatarEditor();
            editor.target = component;
            editor.OnInspectorGUI();
            string lines = string.Join(", ", Array.ConvertAll(InspectorText.Take(), Answer.Quote));
            return new Answer().Raw("lines", "[" + lines + "]").Flag("repaints", editor.RequiresConstantRepaint()).ToString();
        }
    }
}
