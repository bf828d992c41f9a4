// https://docs.unity3d.com/ScriptReference/Application.html
// https://docs.unity3d.com/ScriptReference/Time.html
// https://docs.unity3d.com/ScriptReference/Debug.html
using System;

namespace UnityEngine
{
    public class Application
    {
        public static bool isPlaying { get { return true; } }
    }

    public class Time
    {
        public static float unscaledDeltaTime { get; internal set; }
    }

    public class Debug
    {
        public static void Log(object message) { Console.Error.WriteLine(message); }
        public static void LogError(object message, Object context) { Console.Error.WriteLine("error: " + message); }
        public static void LogException(Exception exception, Object context) { Console.Error.WriteLine("error: " + exception); }
    }
}
