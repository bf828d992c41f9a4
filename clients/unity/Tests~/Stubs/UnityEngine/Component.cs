// https://docs.unity3d.com/ScriptReference/Component.html
// https://docs.unity3d.com/ScriptReference/Behaviour.html
// https://docs.unity3d.com/ScriptReference/MonoBehaviour.html
// https://docs.unity3d.com/ScriptReference/Collider.html
// https://docs.unity3d.com/ScriptReference/Camera.html

namespace UnityEngine
{
    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }
        public Transform transform { get { return gameObject.transform; } }
        public override string name { get { return gameObject.name; } set { gameObject.name = value; } }

        public T GetComponent<T>() { return gameObject.GetComponent<T>(); }
        public T GetComponentInChildren<T>() { return gameObject.GetComponentInChildren<T>(); }
    }

    public class Behaviour : Component
    {
        private bool _enabled = true;

        public bool enabled
        {
            get { return _enabled; }
            set
            {
                _enabled = value;
                MonoBehaviour behaviour = this as MonoBehaviour;
                if (behaviour != null)
                {
                    Posewire.Stubs.Player.Refresh(behaviour);
                }
            }
        }

        public bool isActiveAndEnabled { get { return _enabled && gameObject.activeInHierarchy; } }
    }

    public class MonoBehaviour : Behaviour
    {
        internal override void OnDestroyed()
        {
            Posewire.Stubs.Player.Remove(this);
            gameObject.components.Remove(this);
        }
    }

    public class Collider : Component
    {
    }

    public sealed class Camera : Behaviour
    {
        public static Camera main { get; set; }
    }
}
