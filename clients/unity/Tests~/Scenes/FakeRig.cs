using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using UnityEngine;

namespace Posewire.Scenes
{
    /// <summary>Avatars made in code. Their transforms stand in an A-pose with the hips aside, so that only an avatar's own
    /// description knows its T-pose.</summary>
    internal sealed class FakeRig
    {
        private readonly List<Joint> _joints = new List<Joint>();
        private readonly System.Random _random = new System.Random(7);

        private FakeRig()
        {
        }

        public Animator Animator { get; private set; }

        public static FakeRig Make(string kind, string name)
        {
            FakeRig rig = new FakeRig();
            switch (kind)
            {
                case "vrm":
                    rig.Body(1, 1, 0);
                    break;
                case "mixamo":
                    rig.Body(1.25f, 0.8f, 0.04f);
                    rig.TurnAxes();
                    break;
                case "few":
                    rig.Body(0.9f, 1, 0);
                    rig.Without("Chest", "UpperChest", "Neck", "LeftShoulder", "RightShoulder");
                    break;
                case "moved":
                    rig.Body(1.25f, 0.8f, 0.04f);
                    rig.TurnAxes();
                    break;
                case "inexact":
                    rig.Body(1, 1, 0.02f);
                    rig.Bend();
                    rig.TurnAxes();
                    break;
                case "sunk":
                    rig.Body(1, 1, 0);
                    rig.Lower(0.95f);
                    break;
                default:
                    rig.Read(kind);
                    break;
            }
            rig.Build(name, kind == "mixamo" || kind == "moved" ? 0.01f : 1);
            if (kind == "moved")
            {
                rig.Move();
            }
            return rig;
        }

        /// <summary>Gives an animator an avatar whose description is another one.</summary>
        public static void Redescribe(Animator animator, Action<List<SkeletonBone>> change)
        {
            HumanDescription description = animator.avatar.humanDescription;
            List<SkeletonBone> skeleton = new List<SkeletonBone>(description.skeleton);
            change(skeleton);
            description.skeleton = skeleton.ToArray();
            animator.avatar = AvatarBuilder.BuildHumanAvatar(animator.gameObject, description);
        }

        private void Body(float legs, float arms, float curve)
        {
            float hips = 0.9f * legs;
            Add("Hips", null, 0, hips, 0);
            Add("Spine", "Hips", 0, hips + 0.1f, -curve);
            Add("Chest", "Spine", 0, hips + 0.23f, -curve);
            Add("UpperChest", "Chest", 0, hips + 0.35f, 0);
            Add("Neck", "UpperChest", 0, hips + 0.5f, curve);
            Add("Head", "Neck", 0, hips + 0.6f, curve * 2);
            foreach (string side in new[] { "Left", "Right" })
            {
                float x = side == "Left" ? -1 : 1;
                float shoulder = hips + 0.49f;
                Add(side + "Shoulder", "UpperChest", 0.02f * x, shoulder, 0);
                Add(side + "UpperArm", side + "Shoulder", 0.17f * x, shoulder, 0);
                Add(side + "LowerArm", side + "UpperArm", (0.17f + 0.28f * arms) * x, shoulder, 0);
                Add(side + "Hand", side + "LowerArm", (0.17f + 0.53f * arms) * x, shoulder, 0);
                Add(side + "UpperLeg", "Hips", 0.1f * x, hips, 0);
                Add(side + "LowerLeg", side + "UpperLeg", 0.1f * x, hips - 0.42f * legs, 0);
                Add(side + "Foot", side + "LowerLeg", 0.1f * x, hips - 0.83f * legs, 0);
            }
        }

        private void Add(string name, string parent, float x, float y, float z)
        {
            _joints.Add(new Joint { Name = name, Human = name, Parent = parent, Position = new Vector3(x, y, z) });
        }

        // As Mixamo's: each bone has axes of its own, y along it.
        private void TurnAxes()
        {
            foreach (Joint joint in _joints)
            {
                Joint child = _joints.Find(other => other.Parent == joint.Name);
                Vector3 along = child == null ? Vector3.up : child.Position - joint.Position;
                float roll = (float)_random.NextDouble() * 360 - 180;
                joint.Rotation = Quaternion.FromToRotation(Vector3.up, along) * Quaternion.AngleAxis(roll, Vector3.up);
            }
        }

        private void Without(params string[] names)
        {
            foreach (string name in names)
            {
                Joint gone = _joints.Find(joint => joint.Name == name);
                _joints.Remove(gone);
                foreach (Joint child in _joints.Where(joint => joint.Parent == name))
                {
                    child.Parent = gone.Parent;
                }
            }
        }

        // A T-pose that isn't exact: arms hang by 12 degrees and point forward by 5, elbows and knees are bent a little,
        // legs stand apart.
        private void Bend()
        {
            foreach (string side in new[] { "Left", "Right" })
            {
                float x = side == "Left" ? -1 : 1;
                Turn(side + "UpperArm", Quaternion.Euler(0, 5 * x, -12 * x));
                Turn(side + "LowerArm", Quaternion.Euler(0, -8 * x, 3 * x));
                Turn(side + "UpperLeg", Quaternion.Euler(-2, 0, 4 * x));
                Turn(side + "LowerLeg", Quaternion.Euler(4, 0, 0));
            }
        }

        private void Turn(string name, Quaternion turn)
        {
            Joint pivot = _joints.Find(joint => joint.Name == name);
            foreach (Joint joint in _joints.Where(other => IsBelow(other, name)))
            {
                joint.Position = pivot.Position + turn * (joint.Position - pivot.Position);
            }
        }

        private bool IsBelow(Joint joint, string name)
        {
            for (string parent = joint.Parent; parent != null; parent = _joints.Find(other => other.Name == parent).Parent)
            {
                if (parent == name)
                {
                    return true;
                }
            }
            return false;
        }

        // As a model whose origin is in its hips.
        private void Lower(float by)
        {
            foreach (Joint joint in _joints)
            {
                joint.Position = joint.Position - new Vector3(0, by, 0);
            }
        }

        // A file: a transform a line, parents first: its name, its parent's (- for none), its bone's (- for none), position and
        // rotation in the space of the root.
        private void Read(string path)
        {
            foreach (string line in File.ReadAllLines(path))
            {
                string[] words = line.Split(' ');
                float[] numbers = words.Skip(3).Select(word => float.Parse(word, CultureInfo.InvariantCulture)).ToArray();
                _joints.Add(new Joint
                {
                    Name = words[0],
                    Parent = words[1] == "-" ? null : words[1],
                    Human = words[2] == "-" ? "" : words[2],
                    Position = new Vector3(numbers[0], numbers[1], numbers[2]),
                    Rotation = new Quaternion(numbers[3], numbers[4], numbers[5], numbers[6]),
                });
            }
        }

        // scale: of the armature, as files in centimetres have it.
        private void Build(string name, float scale)
        {
            GameObject root = new GameObject(name);
            Transform armature = new GameObject("Armature").transform;
            armature.SetParent(root.transform, false);
            armature.localScale = Vector3.one * scale;
            armature.localRotation = scale == 1 ? Quaternion.identity : Quaternion.Euler(-90, 0, 0);
            List<SkeletonBone> skeleton = new List<SkeletonBone> { Describe(root.transform), Describe(armature) };
            List<HumanBone> human = new List<HumanBone>();
            foreach (Joint joint in _joints)
            {
                joint.Transform = new GameObject("J_" + joint.Name).transform;
                joint.Transform.SetParent(joint.Parent == null ? armature : _joints.Find(o => o.Name == joint.Parent).Transform, false);
                joint.Transform.SetPositionAndRotation(joint.Position, joint.Rotation);
                skeleton.Add(Describe(joint.Transform));
                if (joint.Human.Length > 0)
                {
                    human.Add(new HumanBone { boneName = joint.Transform.name, humanName = joint.Human });
                }
            }
            Animator = root.AddComponent<Animator>();
            HumanDescription description = new HumanDescription { human = human.ToArray(), skeleton = skeleton.ToArray() };
            Animator.avatar = AvatarBuilder.BuildHumanAvatar(root, description);
            Slouch();
        }

        private static SkeletonBone Describe(Transform transform)
        {
            return new SkeletonBone
            {
                name = transform.name,
                position = transform.localPosition,
                rotation = transform.localRotation,
                scale = transform.localScale,
            };
        }

        private void Slouch()
        {
            Bone("Hips").position = Bone("Hips").position + new Vector3(0.3f, -0.2f, 0.1f);
            Bone("LeftUpperArm").rotation = Quaternion.Euler(0, 0, 50) * Bone("LeftUpperArm").rotation;
            Bone("RightUpperArm").rotation = Quaternion.Euler(0, 0, -50) * Bone("RightUpperArm").rotation;
            Bone("Spine").rotation = Quaternion.Euler(10, 5, 0) * Bone("Spine").rotation;
        }

        private Transform Bone(string name)
        {
            return _joints.Find(joint => joint.Human == name).Transform;
        }

        private void Move()
        {
            Transform carrier = new GameObject("Carrier").transform;
            carrier.SetPositionAndRotation(new Vector3(3, -2, 5), Quaternion.Euler(10, 130, -20));
            carrier.localScale = Vector3.one * 0.6f;
            Animator.transform.SetParent(carrier, false);
            Animator.transform.localPosition = new Vector3(-1, 0.5f, 2);
            Animator.transform.localRotation = Quaternion.Euler(0, 70, 15);
            Animator.transform.localScale = Vector3.one * 2.5f;
        }
    }
}
