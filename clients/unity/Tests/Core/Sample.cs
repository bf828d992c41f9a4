using System;

namespace Posewire.Core.Tests
{
    /// <summary>Messages and poses that tests share.</summary>
    internal static class Sample
    {
        public static readonly string[] BoneNames = { "hips", "spine", "leftHand", "rightHand" };

        public static BoneTree Tree()
        {
            Vec3[] rest = { new Vec3(0, 1, 0), new Vec3(0, 0.5f, 0), new Vec3(0.7f, 0.1f, 0), new Vec3(-0.7f, 0.1f, 0) };
            return new BoneTree(BoneNames, new[] { -1, 0, 1, 1 }, rest);
        }

        public static byte[] Hello(long nowUs, params string[] streams)
        {
            Pack pack = new Pack().Map(7).Text("type").Text("hello").Text("version").Int(1).Text("server").Text("test 1");
            pack.Text("now_us").Int(nowUs).Text("streams").Array(streams.Length);
            foreach (string stream in streams)
            {
                pack.Map(6).Text("id").Text(stream).Text("width").Int(640).Text("height").Int(480).Text("fps").Float(30);
                pack.Text("engine").Text("e").Text("model").Text("m");
            }
            pack.Text("skeleton").Map(2).Text("landmarks").Texts("nose", "left_wrist").Text("edges").Array(0);
            pack.Text("bones").Map(3).Text("names").Texts(BoneNames);
            pack.Text("parents").Array(4).Int(-1).Int(0).Int(1).Int(1).Text("rest").Array(4);
            foreach (Vec3 offset in Tree().Rest)
            {
                pack.Array(3).Float(offset.X).Float(offset.Y).Float(offset.Z);
            }
            return pack.Bytes;
        }

        public static byte[] Subscribed(int id)
        {
            Pack pack = new Pack().Map(6).Text("type").Text("subscribed").Text("id").Int(id).Text("stream").Text("cam");
            pack.Text("fields").Texts("bones", "rest").Text("landmarks").Array(1).Int(0).Text("dtype").Text("f32");
            return pack.Bytes;
        }

        public static byte[] Frame(int id, string stream, long seq, long tUs)
        {
            Pack pack = new Pack().Map(8).Text("type").Text("frame").Text("id").Int(id).Text("stream").Text(stream);
            pack.Text("seq").Int(seq).Text("t_us").Int(tUs).Text("sent_us").Int(tUs).Text("size").Array(2).Int(640).Int(480);
            pack.Text("poses").Array(1).Map(5).Text("id").Int(3).Text("score").Float(0.5);
            pack.Text("bones").Bin(new float[16]).Text("root").Bin(1, 2, 3).Text("rest").Bin(new float[12]);
            return pack.Bytes;
        }

        public static byte[] Status(string stream, string state, string detail)
        {
            Pack pack = new Pack().Map(5).Text("type").Text("status").Text("stream").Text(stream);
            return pack.Text("state").Text(state).Text("detail").Text(detail).Text("t_us").Int(1).Bytes;
        }

        public static byte[] Come(string stream)
        {
            Pack pack = new Pack().Map(5).Text("type").Text("status").Text("stream").Text(stream).Text("state").Text("live");
            pack.Text("t_us").Int(1).Text("info").Map(7).Text("id").Text(stream).Text("width").Int(640).Text("height").Int(480);
            pack.Text("fps").Float(30).Text("engine").Text("e").Text("model").Text("m").Text("node").Text("hall");
            return pack.Bytes;
        }

        public static byte[] Gone(string stream, string detail)
        {
            Pack pack = new Pack().Map(6).Text("type").Text("status").Text("stream").Text(stream).Text("state").Text("ended");
            return pack.Text("detail").Text(detail).Text("t_us").Int(1).Text("gone").Raw(0xc3).Bytes;
        }

        public static byte[] Error(int id, string code, string message)
        {
            Pack pack = new Pack().Map(id < 0 ? 3 : 4).Text("type").Text("error").Text("code").Text(code);
            pack.Text("message").Text(message);
            return id < 0 ? pack.Bytes : pack.Text("id").Int(id).Bytes;
        }

        public static byte[] Time(long t0Us, long t1Us, long t2Us)
        {
            Pack pack = new Pack().Map(4).Text("type").Text("time").Text("t0_us").Int(t0Us);
            return pack.Text("t1_us").Int(t1Us).Text("t2_us").Int(t2Us).Bytes;
        }

        public static byte[] Dropped(int id, string stream, long total)
        {
            Pack pack = new Pack().Map(4).Text("type").Text("dropped").Text("id").Int(id).Text("stream").Text(stream);
            return pack.Text("total").Int(total).Bytes;
        }

        /// <summary>A frame with these people, each with bones at rest and hips at x = `x`.</summary>
        public static Frame FrameOf(long tUs, float x, params long[] people)
        {
            Frame frame = new Frame();
            frame.Stream = "cam";
            frame.TUs = tUs;
            frame.Count = people.Length;
            for (int i = 0; i < people.Length; i++)
            {
                Fill(frame.Poses[i], people[i], x);
            }
            return frame;
        }

        private static void Fill(Pose pose, long id, float x)
        {
            pose.Id = id;
            pose.Score = 1;
            pose.BoneCount = BoneNames.Length;
            for (int bone = 0; bone < pose.BoneCount; bone++)
            {
                pose.SetBone(bone, Quat.Identity);
            }
            pose.Root = new Vec3(x, 0.2f, -3);
            pose.HasFloor = true;
            pose.Floor = -0.8f;
        }

        /// <summary>A rotation about y.</summary>
        public static Quat Turn(double degrees)
        {
            double half = degrees * Math.PI / 360;
            return new Quat(0, (float)Math.Sin(half), 0, (float)Math.Cos(half));
        }
    }
}
