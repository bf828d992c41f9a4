// https://docs.unity3d.com/ScriptReference/Transform.html
using System.Collections.Generic;

namespace UnityEngine
{
    public class Transform : Component
    {
        private readonly List<Transform> _children = new List<Transform>();
        private Transform _parent;
        private Quaternion _localRotation = Quaternion.identity;

        internal Transform()
        {
            localScale = Vector3.one;
        }

        public Vector3 localPosition { get; set; }
        public Vector3 localScale { get; set; }

        public Quaternion localRotation
        {
            get { return _localRotation; }
            set { _localRotation = Quaternion.Normalize(value); }
        }

        public Transform parent
        {
            get { return _parent; }
            set { SetParent(value); }
        }

        public int childCount { get { return _children.Count; } }

        public Vector3 position
        {
            get { return _parent == null ? localPosition : _parent.TransformPoint(localPosition); }
            set { localPosition = _parent == null ? value : _parent.InverseTransformPoint(value); }
        }

        public Quaternion rotation
        {
            get { return _parent == null ? _localRotation : _parent.rotation * _localRotation; }
            set { localRotation = _parent == null ? value : Quaternion.Inverse(_parent.rotation) * value; }
        }

        public Vector3 forward { get { return rotation * Vector3.forward; } }

        public void SetParent(Transform p)
        {
            SetParent(p, true);
        }

        public void SetParent(Transform parent, bool worldPositionStays)
        {
            Vector3 place = position;
            Quaternion turn = rotation;
            if (_parent != null)
            {
                _parent._children.Remove(this);
            }
            _parent = parent;
            if (_parent != null)
            {
                _parent._children.Add(this);
            }
            if (worldPositionStays)
            {
                SetPositionAndRotation(place, turn);
            }
        }

        public void SetPositionAndRotation(Vector3 position, Quaternion rotation)
        {
            this.position = position;
            this.rotation = rotation;
        }

        public Transform GetChild(int index)
        {
            return _children[index];
        }

        public Vector3 TransformPoint(Vector3 position)
        {
            Vector3 inParent = localPosition + _localRotation * Vector3.Scale(localScale, position);
            return _parent == null ? inParent : _parent.TransformPoint(inParent);
        }

        public Vector3 InverseTransformPoint(Vector3 position)
        {
            Vector3 inParent = _parent == null ? position : _parent.InverseTransformPoint(position);
            Vector3 turned = Quaternion.Inverse(_localRotation) * (inParent - localPosition);
            return new Vector3(turned.x / localScale.x, turned.y / localScale.y, turned.z / localScale.z);
        }

        internal override void OnDestroyed()
        {
            if (_parent != null)
            {
                _parent._children.Remove(this);
            }
        }
    }
}
