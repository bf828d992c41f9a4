// https://docs.unity3d.com/ScriptReference/GUI.html
// https://docs.unity3d.com/ScriptReference/GUILayout.html
// https://docs.unity3d.com/ScriptReference/GUIStyle.html
// https://docs.unity3d.com/ScriptReference/ScriptableObject.html

namespace UnityEngine
{
    public class ScriptableObject : Object
    {
    }

    public sealed class GUIStyle
    {
    }

    public sealed class GUILayoutOption
    {
    }

    public class GUI
    {
        public static Color color { get; set; }
    }

    public class GUILayout
    {
        public static bool Button(string text, params GUILayoutOption[] options) { return false; }
    }
}
