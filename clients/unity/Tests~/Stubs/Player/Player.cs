using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Reflection;
using UnityEngine;

namespace Posewire.Stubs
{
    /// <summary>A tiny player loop: calls the messages of every MonoBehaviour by name, in the engine's order.</summary>
    public static class Player
    {
        private sealed class Entry
        {
            public MonoBehaviour Behaviour;
            public int Order;
            public bool Awake;
            public bool Enabled;
            public bool Started;
            public Action Start;
            public Action Update;
            public Action LateUpdate;
        }

        private static readonly List<Entry> Entries = new List<Entry>();
        private static readonly List<UnityEngine.Object> Doomed = new List<UnityEngine.Object>();
        private static readonly Stopwatch Clock = Stopwatch.StartNew();
        private static double _lastS;

        /// <summary>Bytes that the messages of the last Step allocated on this thread.</summary>
        public static long AllocatedBytes { get; private set; }

        /// <summary>One frame: Start, Update, LateUpdate, then what is to be destroyed. elapsedS: the frame's time; negative for
        /// what really passed.</summary>
        public static void Step(float elapsedS = -1)
        {
            double nowS = Clock.Elapsed.TotalSeconds;
            Time.unscaledDeltaTime = elapsedS >= 0 ? elapsedS : (float)(nowS - _lastS);
            _lastS = nowS;
            Entry[] entries = Entries.ToArray();
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (Entry entry in entries)
            {
                if (entry.Enabled && !entry.Started)
                {
                    entry.Started = true;
                    Call(entry, entry.Start);
                }
            }
            foreach (Entry entry in entries)
            {
                Call(entry, entry.Update);
            }
            foreach (Entry entry in entries)
            {
                Call(entry, entry.LateUpdate);
            }
            AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - before;
            foreach (UnityEngine.Object doomed in Doomed)
            {
                UnityEngine.Object.DestroyImmediate(doomed);
            }
            Doomed.Clear();
        }

        /// <summary>Send every enabled behaviour a message with one argument, as OnApplicationPause(true).</summary>
        public static void Broadcast(string message, object argument)
        {
            foreach (Entry entry in Entries.ToArray())
            {
                MethodInfo method = Method(entry.Behaviour, message);
                if (method != null && entry.Enabled)
                {
                    method.Invoke(entry.Behaviour, new[] { argument });
                }
            }
        }

        internal static void DestroyLater(UnityEngine.Object doomed)
        {
            Doomed.Add(doomed);
        }

        internal static void Add(MonoBehaviour behaviour)
        {
            object[] orders = behaviour.GetType().GetCustomAttributes(typeof(DefaultExecutionOrder), true);
            Entry entry = new Entry
            {
                Behaviour = behaviour,
                Order = orders.Length > 0 ? ((DefaultExecutionOrder)orders[0]).order : 0,
                Start = Message(behaviour, "Start"),
                Update = Message(behaviour, "Update"),
                LateUpdate = Message(behaviour, "LateUpdate"),
            };
            int place = Entries.FindIndex(other => other.Order > entry.Order);
            Entries.Insert(place < 0 ? Entries.Count : place, entry);
            Refresh(behaviour);
        }

        internal static void Refresh(MonoBehaviour behaviour)
        {
            Entry entry = Entries.Find(other => ReferenceEquals(other.Behaviour, behaviour));
            if (entry == null)
            {
                return;
            }
            if (!entry.Awake && behaviour.gameObject.activeInHierarchy)
            {
                entry.Awake = true;
                Invoke(behaviour, "Awake");
            }
            bool enabled = entry.Awake && behaviour.isActiveAndEnabled;
            if (enabled != entry.Enabled)
            {
                entry.Enabled = enabled;
                Invoke(behaviour, enabled ? "OnEnable" : "OnDisable");
            }
        }

        internal static void Remove(MonoBehaviour behaviour)
        {
            Entry entry = Entries.Find(other => ReferenceEquals(other.Behaviour, behaviour));
            Entries.Remove(entry);
            if (entry.Enabled)
            {
                entry.Enabled = false;
                Invoke(behaviour, "OnDisable");
            }
            if (entry.Awake)
            {
                Invoke(behaviour, "OnDestroy");
            }
        }

        private static void Call(Entry entry, Action message)
        {
            if (message == null || !entry.Enabled)
            {
                return;
            }
            try
            {
                message();
            }
            catch (Exception problem)
            {
                UnityEngine.Debug.LogException(problem, entry.Behaviour);
            }
        }

        private static void Invoke(MonoBehaviour behaviour, string name)
        {
            Action message = Message(behaviour, name);
            if (message != null)
            {
                message();
            }
        }

        private static Action Message(MonoBehaviour behaviour, string name)
        {
            MethodInfo method = Method(behaviour, name);
            return method == null ? null : (Action)Delegate.CreateDelegate(typeof(Action), behaviour, method);
        }

        private static MethodInfo Method(MonoBehaviour behaviour, string name)
        {
            return behaviour.GetType().GetMethod(
                name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        }
    }
}
