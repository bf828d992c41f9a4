using System;
using System.Globalization;
using Posewire.Core;
using Posewire.Stubs;
using UnityEngine;

namespace Posewire.Scenes
{
    /// <summary>Plays scenes as its standard input says; each command is answered by one line of JSON or more.</summary>
    internal static class Program
    {
        private static readonly Scene Scene = new Scene();

        private static int Main()
        {
            string line;
            while ((line = Console.ReadLine()) != null)
            {
                string[] words = line.Split(' ');
                try
                {
                    Console.WriteLine(Run(words));
                }
                catch (Exception problem)
                {
                    Console.WriteLine(new Answer().Text("exception", problem.ToString().Replace("\n", " ")).ToString());
                }
                Console.Out.Flush();
            }
            return 0;
        }

        private static string Run(string[] words)
        {
            switch (words[0])
            {
                case "receiver":
                    Scene.AddReceiver(words[1], words.Length > 2 ? words[2] : "");
                    return "{}";
                case "avatar":
                    Scene.AddAvatar(words[1], words[2]);
                    for (int i = 3; i < words.Length; i++)
                    {
                        Set(words[1], words[i]);
                    }
                    return "{}";
                case "skeleton":
                    Scene.AddSkeleton().RootMotion = (RootMotion)Enum.Parse(typeof(RootMotion), words[1]);
                    return "{}";
                case "set":
                    Set(words[1], words[2]);
                    return "{}";
                case "step":
                    for (int i = 0; i < int.Parse(words[1]); i++)
                    {
                        Scene.Step();
                    }
                    return Scene.Snapshot();
                case "frames":
                    return Done(Scene.Frames(int.Parse(words[1]), Console.WriteLine));
                case "state":
                    return Scene.State();
                case "until":
                    Done(Scene.Until(() => Scene.Receiver.State.ToString() == words[1]));
                    return Scene.State();
                case "people":
                    Done(Scene.Until(() => Scene.Receiver.Frame != null && Scene.Receiver.Frame.Count == int.Parse(words[1])));
                    return Scene.Snapshot();
                case "seq":
                    Done(Scene.Until(() => Scene.Receiver.Frame != null && Scene.Receiver.Frame.Seq >= long.Parse(words[1])));
                    return Scene.Snapshot();
                case "threads":
                    return new Answer().Number("threads", Scene.Threads).ToString();
                case "tpose":
                    return Scene.TPose(words[1]);
                case "problem":
                    return new Answer().Text("problem", Scene.Avatar(words[1]).Problem).ToString();
                case "allocated":
                    return new Answer().Number("bytes", Scene.Allocated(int.Parse(words[1]))).ToString();
                case "pace":
                    return Pace.Measure(
                        Scene.Receiver, (PlayoutMode)Enum.Parse(typeof(PlayoutMode), words[1]), int.Parse(words[2]));
                case "inspect":
                    return Inspector.Show(words[1] == "Receiver" ? (Component)Scene.Receiver : Scene.Avatar(words[1]));
                case "menu":
                    return Menu.Choose(words[1], words.Length > 2 ? Scene.Avatar(words[2]).gameObject : null);
                case "sample":
                    return Scene.PlaySample(words[1], words[2]);
                case "destroy":
                    UnityEngine.Object.Destroy(Scene.Receiver.gameObject);
                    Player.Step();
                    return "{}";
                case "pause":
                    Player.Broadcast("OnApplicationPause", bool.Parse(words[1]));
                    return "{}";
                default:
                    throw new ArgumentException("no command '" + words[0] + "'");
            }
        }

        private static string Done(bool done)
        {
            if (!done)
            {
                throw new TimeoutException(Scene.State());
            }
            return "{}";
        }

        private static void Set(string name, string setting)
        {
            string key = setting.Substring(0, setting.IndexOf('='));
            string value = setting.Substring(setting.IndexOf('=') + 1);
            if (name == "Receiver")
            {
                SetReceiver(key, value);
                return;
            }
            PosewireAvatar avatar = Scene.Avatar(name);
            switch (key)
            {
                case "mirror":
                    avatar.Mirror = bool.Parse(value);
                    break;
                case "weight":
                    avatar.Weight = float.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case "motion":
                    avatar.RootMotion = (RootMotion)Enum.Parse(typeof(RootMotion), value);
                    break;
                case "gone":
                    avatar.WhenGone = (WhenGone)Enum.Parse(typeof(WhenGone), value);
                    break;
                case "blend":
                    avatar.BlendSeconds = float.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case "person":
                    avatar.Person = int.Parse(value);
                    break;
                case "enabled":
                    avatar.enabled = bool.Parse(value);
                    break;
                case "animated":
                    avatar.gameObject.AddComponent<FakeAnimation>();
                    break;
                case "avatar":
                    avatar.GetComponent<Animator>().avatar = null;
                    break;
                case "without":
                    FakeRig.Redescribe(avatar.GetComponent<Animator>(), bones => bones.RemoveAll(bone => bone.name == value));
                    break;
                case "twice":
                    FakeRig.Redescribe(avatar.GetComponent<Animator>(), bones => bones.Add(new SkeletonBone { name = value }));
                    break;
                case "sibling":
                    FakeRig.Redescribe(avatar.GetComponent<Animator>(), bones => bones.Add(new SkeletonBone { name = value + "2" }));
                    break;
                default:
                    throw new ArgumentException("no setting '" + key + "'");
            }
        }

        private static void SetReceiver(string key, string value)
        {
            switch (key)
            {
                case "address":
                    Scene.Receiver.Address = value;
                    break;
                case "token":
                    Scene.Receiver.Token = value;
                    break;
                case "playout":
                    Scene.Receiver.PlayoutMode = (PlayoutMode)Enum.Parse(typeof(PlayoutMode), value);
                    break;
                case "enabled":
                    Scene.Receiver.enabled = bool.Parse(value);
                    break;
                case "connect":
                    Scene.Receiver.Connect();
                    break;
                default:
                    throw new ArgumentException("no setting '" + key + "'");
            }
        }
    }
}
