using System;
using System.Collections.Generic;

namespace Posewire.Core.Tests
{
    /// <summary>A decoded message as the tree that its JSON twin is.</summary>
    internal static class Twin
    {
        public static object Of(MessageDecoder decoder, MessageKind kind, Frame frame)
        {
            switch (kind)
            {
                case MessageKind.Hello:
                    return Of(decoder.Hello);
                case MessageKind.Subscribed:
                    Subscribed subscribed = decoder.Subscribed;
                    return Map(
                        "type", "subscribed", "id", (long)subscribed.Id, "stream", subscribed.Stream,
                        "fields", List(subscribed.Fields), "landmarks", List(subscribed.Landmarks),
                        "dtype", subscribed.Dtype == Dtype.F16 ? "f16" : "f32");
                case MessageKind.Frame:
                    return Of(frame);
                case MessageKind.Status:
                    Status status = decoder.Status;
                    Dictionary<string, object> told = Map(
                        "type", "status", "stream", status.Stream, "state", Lower(status.State),
                        "detail", status.Detail, "t_us", status.TUs);
                    if (status.Info != null)
                    {
                        told["info"] = Of(status.Info);
                    }
                    if (status.Gone)
                    {
                        told["gone"] = true;
                    }
                    return told;
                case MessageKind.Dropped:
                    Dropped dropped = decoder.Dropped;
                    return Map(
                        "type", "dropped", "id", (long)dropped.Id, "stream", dropped.Stream, "total", dropped.Total);
                case MessageKind.Time:
                    TimeReply time = decoder.Time;
                    return Map("type", "time", "t0_us", time.T0Us, "t1_us", time.T1Us, "t2_us", time.T2Us);
                case MessageKind.Error:
                    ServerError error = decoder.Error;
                    Dictionary<string, object> map = Map("type", "error", "code", error.Code, "message", error.Message);
                    if (error.Id >= 0)
                    {
                        map["id"] = (long)error.Id;
                    }
                    return map;
                default:
                    throw new ArgumentException("no twin of " + kind);
            }
        }

        private static object Of(Hello hello)
        {
            List<object> streams = new List<object>();
            foreach (StreamInfo stream in hello.Streams)
            {
                streams.Add(Of(stream));
            }
            List<object> edges = new List<object>();
            for (int i = 0; i < hello.Skeleton.Edges.Length; i += 2)
            {
                edges.Add(List(new[] { hello.Skeleton.Edges[i], hello.Skeleton.Edges[i + 1] }));
            }
            BoneTree bones = hello.Bones ?? new BoneTree(new string[0], new int[0], new Vec3[0]);
            List<object> rest = new List<object>();
            foreach (Vec3 offset in bones.Rest)
            {
                rest.Add(Rows(new[] { offset.X, offset.Y, offset.Z }, 1, 0));
            }
            return Map(
                "type", "hello", "version", (long)hello.Version, "server", hello.Server, "now_us", hello.NowUs,
                "streams", streams, "skeleton", Map("landmarks", List(hello.Skeleton.Landmarks), "edges", edges),
                "bones", Map("names", List(bones.Names), "parents", List(bones.Parents), "rest", rest),
                "angles", List(hello.Angles));
        }

        private static object Of(StreamInfo stream)
        {
            Dictionary<string, object> map = Map(
                "id", stream.Id, "width", (long)stream.Width, "height", (long)stream.Height, "fps", stream.Fps,
                "engine", stream.Engine, "model", stream.Model, "people", (long)stream.People,
                "smoothing", stream.Smoothing, "state", Lower(stream.State));
            if (stream.Node.Length > 0)
            {
                map["node"] = stream.Node;
            }
            return map;
        }

        private static object Of(Frame frame)
        {
            List<object> poses = new List<object>();
            for (int i = 0; i < frame.Count; i++)
            {
                poses.Add(Of(frame.Poses[i]));
            }
            return Map(
                "type", "frame", "id", (long)frame.Id, "stream", frame.Stream, "seq", frame.Seq, "t_us", frame.TUs,
                "sent_us", frame.SentUs, "size", List(new[] { frame.Width, frame.Height }), "poses", poses);
        }

        private static object Of(Pose pose)
        {
            Dictionary<string, object> map = Map("id", pose.Id, "score", (double)pose.Score);
            Add(map, "image", pose.Image, pose.ImageCount, 4);
            Add(map, "world", pose.World, pose.WorldCount, 4);
            Add(map, "bones", pose.Bones, pose.BoneCount, 4);
            if (pose.BoneCount > 0)
            {
                map["root"] = Rows(new[] { pose.Root.X, pose.Root.Y, pose.Root.Z }, 1, 0);
                List<object> held = new List<object>();
                for (int i = 0; i < pose.BoneCount; i++)
                {
                    if (pose.Held[i])
                    {
                        held.Add((long)i);
                    }
                }
                map["held"] = held;
                map["contact"] = new List<object> { pose.LeftContact, pose.RightContact };
                map["floor"] = pose.HasFloor ? (object)(double)pose.Floor : null;
            }
            Add(map, "rest", pose.Rest, pose.RestCount, 3);
            Add(map, "angles", pose.Angles, pose.AngleCount, 0);
            return map;
        }

        private static void Add(Dictionary<string, object> map, string key, float[] numbers, int rows, int columns)
        {
            if (rows > 0)
            {
                float[] cut = new float[rows * Math.Max(columns, 1)];
                Array.Copy(numbers, cut, cut.Length);
                map[key] = Rows(cut, rows, columns);
            }
        }

        // columns 0: one list of numbers.
        private static List<object> Rows(float[] numbers, int rows, int columns)
        {
            List<object> list = new List<object>();
            if (columns == 0)
            {
                foreach (float number in numbers)
                {
                    list.Add(float.IsNaN(number) ? null : (object)(double)number);
                }
                return list;
            }
            for (int row = 0; row < rows; row++)
            {
                float[] cut = new float[columns];
                Array.Copy(numbers, row * columns, cut, 0, columns);
                list.Add(Rows(cut, 1, 0));
            }
            return list;
        }

        private static string Lower(StreamState state)
        {
            return state.ToString().ToLowerInvariant();
        }

        private static List<object> List(string[] texts)
        {
            return new List<object>(texts);
        }

        private static List<object> List(int[] numbers)
        {
            List<object> list = new List<object>();
            foreach (int number in numbers)
            {
                list.Add((long)number);
            }
            return list;
        }

        private static Dictionary<string, object> Map(params object[] pairs)
        {
            Dictionary<string, object> map = new Dictionary<string, object>();
            for (int i = 0; i < pairs.Length; i += 2)
            {
                map.Add((string)pairs[i], pairs[i + 1]);
            }
            return map;
        }
    }
}
