using UnityEngine;

namespace Posewire.Samples
{
    /// <summary>Put it on an empty GameObject, drop a Humanoid avatar below it, and press Play.</summary>
    public sealed class HumanoidAvatarSample : MonoBehaviour
    {
        [SerializeField]
        private string address = "ws://127.0.0.1:8765/";

        private void Awake()
        {
            PosewireReceiver receiver = gameObject.AddComponent<PosewireReceiver>();
            receiver.Address = address;
            PlaceCamera();
            Animator animator = GetComponentInChildren<Animator>();
            if (animator == null)
            {
                Debug.LogError("Drop a Humanoid avatar below '" + name + "' in the hierarchy.", this);
                return;
            }
            PosewireAvatar avatar = animator.gameObject.AddComponent<PosewireAvatar>();
            avatar.Receiver = receiver;
            avatar.Animator = animator;
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
