using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Reflection;
using System.Threading;
using Posewire.Core;
using Posewire.Stubs;
using UnityEngine;

namespace Posewire.Scenes
{
    /// <summary>A receiver and what shows it, moved on frame by frame.</summary>
    internal sealed class Scene
    {
        // Generous: a busy machine must not fail a test.
        private const int LimitS = 60;
        private const int FrameMs = 4;

        private readonly List<PosewireAvatar> _avatars = new List<PosewireAvatar>();
        private readonly List<string> _events = new List<string>();
        private readonly List<Receiver> _connections = new List<Receiver>();
        private PosewireSkeleton _skeleton;

        public PosewireReceiver Receiver { get; private set; }

        public void AddReceiver(string address, string token)
        {
            // Inactive until it is set up, as in a scene that is loaded.
            GameObject made = new GameObject("Receiver");
            made.SetActive(false);
            Receiver = made.AddComponent<PosewireReceiver>();
            Receiver.Address = address;
            Receiver.Token = token;
            Receiver.PlayoutMode = PlayoutMode.Latest;
            Receiver.StateChanged += state => _events.Add("state " + state);
            Receiver.PersonAppeared += pose => _events.Add("appeared " + pose.Id);
            Receiver.PersonGone += id => _events.Add("gone " + id);
            Receiver.OnStateChanged.AddListener(state => _events.Add("heard " + state));
            made.SetActive(true);
        }

        public PosewireAvatar AddAvatar(string name, string kind)
        {
            FakeRig rig = FakeRig.Make(kind, name);
            PosewireAvatar avatar = rig.Animator.gameObject.AddComponent<PosewireAvatar>();
            avatar.BlendSeconds = 0;
            _avatars.Add(avatar);
            return avatar;
        }

        public PosewireSkeleton AddSkeleton()
        {
            _skeleton = new GameObject("Skeleton").AddComponent<PosewireSkeleton>();
            return _skeleton;
        }

        public PosewireAvatar Avatar(string name)
        {
            return _avatars.Find(avatar => avatar.name == name);
        }

        public void Step()
        {
            Player.Step();
            KeepConnection();
            Thread.Sleep(FrameMs);
        }

        /// <summary>How many of all receivers' threads live.</summary>
        public int Threads
        {
            get { return _connections.FindAll(connection => connection.IsRunning).Count; }
        }

        /// <summary>The component's own connection; null where it has none.</summary>
        public static Receiver ConnectionOf(PosewireReceiver receiver)
        {
            FieldInfo field = typeof(PosewireReceiver).GetField("_feed", BindingFlags.Instance | BindingFlags.NonPublic);
            object feed = ReferenceEquals(receiver, null) ? null : field.GetValue(receiver);
            return feed == null ? null : (Receiver)feed.GetType().GetProperty("Receiver").GetValue(feed, null);
        }

        // Kept, that a connection's end can be told when the component is no more.
        private void KeepConnection()
        {
            Receiver connection = ConnectionOf(Receiver);
            if (connection != null && !_connections.Contains(connection))
            {
                _connections.Add(connection);
            }
        }

        /// <summary>Steps until something is so; false where it isn't within the limit.</summary>
        public bool Until(Func<bool> condition)
        {
            Stopwatch clock = Stopwatch.StartNew();
            while (!condition())
            {
                if (clock.Elapsed.TotalSeconds > LimitS)
                {
                    return false;
                }
                Step();
            }
            return true;
        }

        /// <summary>Tells of each new frame until there were enough.</summary>
        public bool Frames(int count, Action<string> tell)
        {
            long last = Receiver.Frame == null ? -1 : Receiver.Frame.Seq;
            int told = 0;
            return Until(() =>
            {
                Frame frame = Receiver.Frame;
                if (frame == null || frame.Seq == last)
                {
                    return false;
                }
                last = frame.Seq;
                tell(Snapshot());
                return ++told == count;
            });
        }

        /// <summary>How many bytes the components allocated in so many steps.</summary>
        public long Allocated(int steps)
        {
            long bytes = 0;
            for (int i = 0; i < steps; i++)
            {
                Step();
                bytes += Player.AllocatedBytes;
            }
            return bytes;
        }

        /// <summary>Plays a sample until it shows somebody; the objects that it made.</summary>
        public string PlaySample(string name, string address)
        {
            Type type = typeof(Samples.PointsSample).Assembly.GetType("Posewire.Samples." + name + "Sample");
            FakeRig rig = name == "HumanoidAvatar" ? FakeRig.Make("mixamo", "Guest") : null;
            GameObject made = new GameObject(name);
            made.SetActive(false);
            MonoBehaviour sample = (MonoBehaviour)typeof(GameObject).GetMethod("AddComponent").MakeGenericMethod(type).Invoke(made, null);
            // As the inspector sets it.
            type.GetField("address", BindingFlags.Instance | BindingFlags.NonPublic).SetValue(sample, address);
            if (rig != null)
            {
                rig.Animator.transform.SetParent(made.transform, false);
            }
            made.SetActive(true);
            Receiver = made.GetComponent<PosewireReceiver>();
            bool shown = Until(() => Receiver.Frame != null && Receiver.Frame.Count > 0);
            Step();
            MeshFilter figure = made.GetComponent<MeshFilter>();
            Answer answer = new Answer().Flag("shown", shown).Number("children", made.transform.childCount);
            if (figure != null)
            {
                answer.Number("height", figure.sharedMesh.bounds.size.y);
            }
            if (name == "Points")
            {
                answer.Vector("nose", made.transform.GetChild(0).position);
            }
            if (rig != null)
            {
                answer.Vector("hand", rig.Animator.GetBoneTransform(HumanBodyBones.LeftHand).position);
            }
            return answer.ToString();
        }

        public string State()
        {
            string events = string.Join(", ", _events.ConvertAll(Answer.Quote).ToArray());
            Answer answer = new Answer()
                .Text("state", Receiver.State.ToString())
                .Text("reason", Receiver.Reason)
                .Number("rate", Receiver.Rate)
                .Number("latencyMs", Receiver.LatencyMs)
                .Number("people", Receiver.People)
                .Text("server", Receiver.Hello == null ? "" : Receiver.Hello.Server)
                .Text("fields", Receiver.Subscribed == null ? "" : string.Join(",", Receiver.Subscribed.Fields))
                .Raw("events", "[" + events + "]");
            return answer.ToString();
        }

        public string Snapshot()
        {
            Answer answer = new Answer().Number("seq", Receiver.Frame == null ? -1 : Receiver.Frame.Seq);
            foreach (PosewireAvatar avatar in _avatars)
            {
                if (avatar.GetComponent<Animator>().isHuman)
                {
                    answer.Raw(avatar.name, Bones(avatar));
                }
            }
            if (_skeleton != null)
            {
                Mesh mesh = _skeleton.GetComponent<MeshFilter>().sharedMesh;
                answer.Raw("Skeleton", mesh == null ? "null" : Points(mesh));
            }
            return answer.ToString();
        }

        /// <summary>Of an avatar as its description has it, in the space of its root.</summary>
        public string TPose(string name)
        {
            string problem;
            TPose pose = Posewire.TPose.Of(Avatar(name).GetComponent<Animator>(), out problem);
            Answer answer = new Answer().Number("hipHeight", pose.HipHeight).Number("floor", pose.FloorHeight);
            for (int bone = 0; bone < HumanoidBones.Count; bone++)
            {
                if (pose.Bone(bone) != null)
                {
                    answer.Raw(
                        HumanoidBones.Name(bone),
                        new Answer().Vector("position", pose.Position(bone)).Rotation("rotation", pose.Rotation(bone)).ToString());
                }
            }
            return answer.ToString();
        }

        private static string Bones(PosewireAvatar avatar)
        {
            Animator animator = avatar.GetComponent<Animator>();
            Transform root = avatar.transform;
            Answer answer = new Answer()
                .Vector("rootPosition", root.position)
                .Rotation("rootRotation", root.rotation)
                .Vector("rootRight", root.TransformPoint(Vector3.right) - root.position);
            FakeAnimation animation = avatar.GetComponent<FakeAnimation>();
            if (animation != null)
            {
                answer.Rotation("animated", animation.Rotation);
            }
            for (int bone = 0; bone < HumanoidBones.Count; bone++)
            {
                Transform transform = animator.GetBoneTransform(HumanoidBones.UnityBone(bone));
                if (transform != null)
                {
                    answer.Raw(
                        HumanoidBones.Name(bone),
                        new Answer()
                            .Vector("position", transform.position)
                            .Rotation("rotation", transform.rotation)
                            .Rotation("local", transform.localRotation)
                            .Vector("localPosition", transform.localPosition)
                            .ToString());
                }
            }
            return answer.ToString();
        }

        // Centres of the first person's 33 points; null where one isn't shown.
        private static string Points(Mesh mesh)
        {
            List<string> points = new List<string>();
            for (int point = 0; point < Limits.MaxLandmarks; point++)
            {
                Vector3 at = (mesh.vertices[6 * point] + mesh.vertices[6 * point + 1]) * 0.5f;
                bool shown = (mesh.vertices[6 * point] - mesh.vertices[6 * point + 1]).magnitude > 0;
                points.Add(shown ? new Answer().Vector("at", at).Number("alpha", mesh.colors32[6 * point].a).ToString() : "null");
            }
            return "[" + string.Join(", ", points.ToArray()) + "]";
        }
    }
}
