using Posewire.Core;
using UnityEngine;
using Pose = Posewire.Core.Pose;

namespace Posewire
{
    /// <summary>Moves a Humanoid avatar as a person moves.</summary>
    [AddComponentMenu("Posewire/Posewire Avatar")]
    [DisallowMultipleComponent]
    [DefaultExecutionOrder(100)]
    public sealed class PosewireAvatar : MonoBehaviour, IPoseConsumer
    {
        [SerializeField]
        [Tooltip("Empty: the scene's first")]
        private PosewireReceiver receiver = null;

        [SerializeField]
        [Tooltip("Of a Humanoid avatar. Empty: the one here or below")]
        private Animator animator = null;

        [SerializeField]
        [Min(1)]
        [Tooltip("1: the first person by id, 2: the second ...")]
        private int person = 1;

        [SerializeField]
        [Tooltip("Full: steps and height. Height: steps in place, squats still go down. Off: the hips stay at their rest height")]
        private RootMotion rootMotion = RootMotion.Full;

        [SerializeField]
        [Tooltip("Move like a mirror image")]
        private bool mirror = false;

        [SerializeField]
        [Range(0, 1)]
        [Tooltip("0: the animation underneath. 1: the person")]
        private float weight = 1;

        [SerializeField]
        [Tooltip("What to do when the person has been out of the picture for a second")]
        private WhenGone whenGone = WhenGone.Hold;

        [SerializeField]
        [Min(0)]
        [Tooltip("How long blending in takes when a person appears, and blending back, seconds")]
        private float blendSeconds = 0.5f;

        private readonly Quaternion[] _turns = new Quaternion[HumanoidBones.Count];
        private readonly bool[] _driven = new bool[HumanoidBones.Count];
        private readonly Stage _stage = new Stage();
        private readonly ReceiverLink _link;
        private Follower _follower;
        private int _followed;
        private BodySolver _solver;
        private HumanoidRig _rig;
        private Animator _found;
        private Animator _refusedAnimator;
        private Avatar _refusedAvatar;
        private Vector3 _hips;
        private float _presence;
        private bool _hasPose;

        public PosewireAvatar()
        {
            _link = new ReceiverLink(this);
            Problem = "";
        }

        public PosewireReceiver Receiver { get { return receiver; } set { receiver = value; } }

        public Animator Animator { get { return animator; } set { animator = value; } }

        /// <summary>1 for the first person by id.</summary>
        public int Person { get { return person; } set { person = value; } }

        public RootMotion RootMotion { get { return rootMotion; } set { rootMotion = value; } }

        public bool Mirror { get { return mirror; } set { mirror = value; } }

        /// <summary>0 for the animation underneath, 1 for the person.</summary>
        public float Weight { get { return weight; } set { weight = value; } }

        public WhenGone WhenGone { get { return whenGone; } set { whenGone = value; } }

        public float BlendSeconds { get { return blendSeconds; } set { blendSeconds = value; } }

        /// <summary>Why the avatar can't be moved, one line; empty where it can.</summary>
        public string Problem { get; private set; }

        /// <summary>Id of the person that it follows; -1 for nobody.</summary>
        public long PersonId => _follower != null ? _follower.Id : -1;

        public PoseFields Needs => PoseFields.Bones | PoseFields.Rest;

        private void OnEnable()
        {
            _link.Join(receiver);
            _found = null;
            _hasPose = false;
            _presence = 0;
        }

        private void OnDisable()
        {
            _link.Leave();
            if (_rig != null)
            {
                _rig.Restore();
            }
            _follower = null;
        }

        private void LateUpdate()
        {
            PosewireReceiver joined = _link.Join(receiver);
            if (!FindRig())
            {
                return;
            }
            if (joined != null && joined.Frame != null)
            {
                Follow(joined);
            }
            bool shown = _hasPose && (whenGone == WhenGone.Hold || IsThere(joined));
            float step = blendSeconds > 0 ? Time.unscaledDeltaTime / blendSeconds : 1;
            _presence = Mathf.MoveTowards(_presence, shown ? 1 : 0, step);
            if (_hasPose)
            {
                _rig.Apply(_turns, _driven, _hips, Mathf.Clamp01(weight) * Mathf.SmoothStep(0, 1, _presence));
            }
        }

        private bool IsThere(PosewireReceiver joined)
        {
            return joined != null && joined.State == ConnectionState.Live && PersonId >= 0;
        }

        private void Follow(PosewireReceiver joined)
        {
            if (_follower == null || _followed != person)
            {
                _follower = new Follower(Mathf.Max(0, person - 1));
                _followed = person;
            }
            Pose pose = _follower.Follow(joined.Frame);
            if (_follower.IsNew)
            {
                _stage.Reset();
            }
            Hello hello = joined.Hello;
            Subscribed subscribed = joined.Subscribed;
            if (pose == null || pose.BoneCount == 0 || hello == null || hello.Bones == null || subscribed == null)
            {
                return;
            }
            if (_solver == null || _solver.Hello != hello || _solver.Subscribed != subscribed)
            {
                _solver = new BodySolver(hello, subscribed);
            }
            if (!_solver.Solve(pose, mirror, _turns, _driven))
            {
                return;
            }
            Vec3 hips = _stage.Hips(pose, hello.Bones, rootMotion, _rig.HipHeight);
            _hips = UnityAxes.ToVector3(mirror ? Core.Mirror.Reflect(hips) : hips);
            _hasPose = true;
        }

        // The rig of the animator's avatar, built anew where either is another one.
        private bool FindRig()
        {
            if (animator == null && _found == null)
            {
                _found = GetComponentInChildren<Animator>();
            }
            Animator wanted = animator != null ? animator : _found;
            if (wanted == null)
            {
                if (Problem.Length == 0 || _refusedAnimator != null)
                {
                    Refuse(null, "there is no animator here or below '" + name + "'");
                }
                return false;
            }
            if (_rig != null && _rig.Animator == wanted && _rig.Avatar == wanted.avatar)
            {
                return true;
            }
            if (Problem.Length > 0 && _refusedAnimator == wanted && _refusedAvatar == wanted.avatar)
            {
                return false;
            }
            if (_rig != null)
            {
                _rig.Restore();
                _rig = null;
            }
            string problem;
            TPose pose = TPose.Of(wanted, out problem);
            if (pose == null)
            {
                Refuse(wanted, problem);
                return false;
            }
            _rig = new HumanoidRig(wanted, pose);
            Problem = "";
            return true;
        }

        private void Refuse(Animator refused, string problem)
        {
            _rig = null;
            _refusedAnimator = refused;
            _refusedAvatar = refused != null ? refused.avatar : null;
            if (Problem != problem)
            {
                Problem = problem;
                Debug.LogError("Posewire: " + problem, this);
            }
        }
    }
}
