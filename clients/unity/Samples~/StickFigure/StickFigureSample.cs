using UnityEngine;

namespace Posewire.Samples
{
    /// <summary>Put it on an empty GameObject and press Play: everyone in the picture as points and lines.</summary>
    public sealed class StickFigureSample : MonoBehaviour
    {
        [SerializeField]
        private string address = "ws://127.0.0.1:8765/";

        private void Awake()
        {
            PosewireReceiver receiver = gameObject.AddComponent<PosewireReceiver>();
            receiver.Address = address;
            PosewireSkeleton skeleton = gameObject.AddComponent<PosewireSkeleton>();
            skeleton.Receiver = receiver;
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
    }
}
