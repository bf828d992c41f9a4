using Posewire.Core;
using UnityEngine;
using Pose = Posewire.Core.Pose;

namespace Posewire.Samples
{
    /// <summary>Put it on an empty GameObject and press Play: a sphere for each landmark of the first person.</summary>
    public sealed class PointsSample : MonoBehaviour
    {
        [SerializeField]
        private string address = "ws://127.0.0.1:8765/";

        private readonly Transform[] _points = new Transform[Limits.MaxLandmarks];
        private PosewireReceiver _receiver;

        private void Awake()
        {
            for (int i = 0; i < _points.Length; i++)
            {
                GameObject sphere = GameObject.CreatePrimitive(PrimitiveType.Sphere);
                Destroy(sphere.GetComponent<Collider>());
                _points[i] = sphere.transform;
                _points[i].SetParent(transform, false);
                _points[i].localScale = Vector3.one * 0.04f;
                sphere.SetActive(false);
            }
            _receiver = gameObject.AddComponent<PosewireReceiver>();
            _receiver.Address = address;
            _receiver.Fields = PoseFields.World;
            _receiver.FrameShown += Show;
            PlaceCamera();
        }

        // In front of a person, who faces along the z axis.
        private static void PlaceCamera()
        {
            if (Camera.main != null)
            {
                Camera.main.transform.SetPositionAndRotation(new Vector3(0, 1.1f, 3.5f), Quaternion.Euler(0, 180, 0));
            }
        }

        private void OnDestroy()
        {
            _receiver.FrameShown -= Show;
        }

        private void Show(Frame frame)
        {
            Pose pose = frame.Count > 0 ? frame.Poses[0] : null;
            for (int i = 0; i < _points.Length; i++)
            {
                bool seen = pose != null && i < pose.WorldCount && pose.WorldVisibility(i) > 0.3f;
                _points[i].gameObject.SetActive(seen);
                if (seen)
                {
                    // Landmarks are metres about the hips; the hips are shown a metre up.
                    _points[i].localPosition = UnityAxes.ToVector3(pose.WorldAt(i)) + Vector3.up;
                }
            }
        }
    }
}
