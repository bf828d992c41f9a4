// https://docs.unity3d.com/ScriptReference/GameObject.html
// https://docs.unity3d.com/ScriptReference/PrimitiveType.html
using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public enum PrimitiveType
    {
        Sphere,
        Capsule,
        Cylinder,
        Cube,
        Plane,
        Quad,
    }

    public sealed class GameObject : Object
    {
        internal readonly List<Component> components = new List<Component>();
        private bool _active = true;

        public GameObject(string name)
        {
            this.name = name;
            transform = new Transform();
            Attach(transform);
        }

        public GameObject()
            : this("New Game Object")
        {
        }

        public Transform transform { get; private set; }
        public bool activeSelf { get { return _active; } }

        public bool activeInHierarchy
        {
            get { return _active && (transform.parent == null || transform.parent.gameObject.activeInHierarchy); }
        }

        public void SetActive(bool value)
        {
            _active = value;
            Refresh();
        }

        public T AddComponent<T>() where T : Component
        {
            return (T)Add(typeof(T));
        }

        private Component Add(Type type)
        {
            foreach (RequireComponent need in type.GetCustomAttributes(typeof(RequireComponent), true))
            {
                Require(need.m_Type0);
                Require(need.m_Type1);
            }
            Component component = (Component)Activator.CreateInstance(type, true);
            Attach(component);
            MonoBehaviour behaviour = component as MonoBehaviour;
            if (behaviour != null)
            {
                Posewire.Stubs.Player.Add(behaviour);
            }
            return component;
        }

        private void Require(Type type)
        {
            if (type != null && !components.Exists(component => type.IsInstanceOfType(component)))
            {
                Add(type);
            }
        }

        public T GetComponent<T>()
        {
            foreach (Component component in components)
            {
                if (component is T)
                {
                    return (T)(object)component;
                }
            }
            return default(T);
        }

        public T GetComponentInChildren<T>()
        {
            T own = GetComponent<T>();
            for (int i = 0; own == null && i < transform.childCount; i++)
            {
                own = transform.GetChild(i).gameObject.GetComponentInChildren<T>();
            }
            return own;
        }

        public static GameObject CreatePrimitive(PrimitiveType type)
        {
            GameObject made = new GameObject(type.ToString());
            made.AddComponent<MeshFilter>();
            made.AddComponent<MeshRenderer>();
            made.AddComponent<Collider>();
            return made;
        }

        internal void Refresh()
        {
            foreach (Component component in components.ToArray())
            {
                MonoBehaviour behaviour = component as MonoBehaviour;
                if (behaviour != null)
                {
                    Posewire.Stubs.Player.Refresh(behaviour);
                }
            }
            for (int i = 0; i < transform.childCount; i++)
            {
                transform.GetChild(i).gameObject.Refresh();
            }
        }

        internal override void OnDestroyed()
        {
            while (transform.childCount > 0)
            {
                DestroyImmediate(transform.GetChild(0).gameObject);
            }
            foreach (Component component in components.ToArray())
            {
                DestroyImmediate(component);
            }
        }

        private void Attach(Component component)
        {
            component.gameObject = this;
            components.Add(component);
        }
    }
}
