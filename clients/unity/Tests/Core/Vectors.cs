using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.CompilerServices;
using NUnit.Framework;

namespace Posewire.Core.Tests
{
    /// <summary>The protocol's vectors, where they are at hand: a package installed from git comes without them.</summary>
    internal static class Vectors
    {
        private static readonly string Folder = Find();

        /// <summary>The vectors that a server sends in msgpack and those of any sender with one of these errors.</summary>
        public static List<Dictionary<string, object>> Load(string kind, params string[] errorsOfAnySender)
        {
            if (Folder == null)
            {
                Assert.Ignore("no protocol/vectors above this package; set POSEWIRE_VECTORS to that folder");
            }
            List<Dictionary<string, object>> vectors = new List<Dictionary<string, object>>();
            foreach (object item in (List<object>)Json.Read(File.ReadAllText(Path.Combine(Folder, "index.json"))))
            {
                Dictionary<string, object> vector = (Dictionary<string, object>)item;
                bool msgpack = ((Dictionary<string, object>)vector["files"]).ContainsKey("msgpack");
                bool wanted = (string)vector["sender"] == "server"
                    || (vector.ContainsKey("error") && Array.IndexOf(errorsOfAnySender, vector["error"]) >= 0);
                if (msgpack && wanted && (string)vector["kind"] == kind)
                {
                    vectors.Add(vector);
                }
            }
            return vectors;
        }

        public static byte[] Bytes(Dictionary<string, object> vector)
        {
            return File.ReadAllBytes(Path.Combine(Folder, vector["name"] + ".msgpack"));
        }

        /// <summary>The JSON twin of the message that a vector stands for.</summary>
        public static object Twin(Dictionary<string, object> vector)
        {
            object name = vector.ContainsKey("equals") ? vector["equals"] : vector["name"];
            return Json.Read(File.ReadAllText(Path.Combine(Folder, name + ".json")));
        }

        public static Dtype DtypeOf(Dictionary<string, object> vector)
        {
            return (string)vector["dtype"] == "f16" ? Dtype.F16 : Dtype.F32;
        }

        private static string Find()
        {
            string named = Environment.GetEnvironmentVariable("POSEWIRE_VECTORS");
            if (!string.IsNullOrEmpty(named))
            {
                return named;
            }
            DirectoryInfo folder = new FileInfo(ThisFile()).Directory;
            while (folder != null)
            {
                string candidate = Path.Combine(Path.Combine(folder.FullName, "protocol"), "vectors");
                if (File.Exists(Path.Combine(candidate, "index.json")))
                {
                    return candidate;
                }
                folder = folder.Parent;
            }
            return null;
        }

        private static string ThisFile([CallerFilePath] string path = "")
        {
            return path;
        }
    }
}
