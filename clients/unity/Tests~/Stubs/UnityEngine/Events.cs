// https://docs.unity3d.com/ScriptReference/Events.UnityEvent_1.html
// https://docs.unity3d.com/ScriptReference/Events.UnityAction_1.html

namespace UnityEngine.Events
{
    public delegate void UnityAction<T0>(T0 arg0);

    public abstract class UnityEventBase
    {
    }

    public class UnityEvent<T0> : UnityEventBase
    {
        private UnityAction<T0> _calls;

        public void AddListener(UnityAction<T0> call) { _calls += call; }
        public void RemoveListener(UnityAction<T0> call) { _calls -= call; }

        public void Invoke(T0 arg0)
        {
            if (_calls != null)
            {
                _calls(arg0);
            }
        }
    }
}
