// https://docs.unity3d.com/ScriptReference/Object.html
// https://docs.unity3d.com/ScriptReference/HideFlags.html
using System;

namespace UnityEngine
{
    [Flags]
    public enum HideFlags
    {
        None = 0,
        HideInHierarchy = 1,
        HideInInspector = 2,
        DontSaveInEditor = 4,
        NotEditable = 8,
        DontSaveInBuild = 16,
        DontUnloadUnusedAsset = 32,
        DontSave = 52,
        HideAndDontSave = 61,
    }

    public class Object
    {
        internal bool destroyed;

        public virtual string name { get; set; }
        public HideFlags hideFlags { get; set; }

        public static void Destroy(Object obj)
        {
            Posewire.Stubs.Player.DestroyLater(obj);
        }

        public static void DestroyImmediate(Object obj)
        {
            if (obj != null)
            {
                obj.OnDestroyed();
                obj.destroyed = true;
            }
        }

        internal virtual void OnDestroyed()
        {
        }

        public static implicit operator bool(Object exists) { return exists != null; }

        public static bool operator ==(Object x, Object y)
        {
            bool xGone = ReferenceEquals(x, null) || x.destroyed;
            bool yGone = ReferenceEquals(y, null) || y.destroyed;
            return xGone || yGone ? xGone && yGone : ReferenceEquals(x, y);
        }

        public static bool operator !=(Object x, Object y) { return !(x == y); }
        public override bool Equals(object other) { return this == other as Object; }
        public override int GetHashCode() { return System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this); }
    }
}
