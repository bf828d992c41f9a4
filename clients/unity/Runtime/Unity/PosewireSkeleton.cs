using Posewire.Core;
using UnityEngine;
using Pose = Posewire.Core.Pose;

namespace Posewire
{
    /// <summary>Draws the landmarks of people as points and lines. One mesh with vertex colours and one unlit material, which every
    /// render pipeline draws.</summary>
    [AddComponentMenu("Posewire/Posewire Skeleton")]
    [DisallowMultipleComponent]
    [RequireComponent(typeof(MeshFilter), typeof(MeshRenderer))]
    [DefaultExecutionOrder(100)]
    public sealed class PosewireSkeleton : MonoBehaviour, IPoseConsumer
    {
        private const string ShaderName = "Sprites/Default";

        [SerializeField]
        [Tooltip("Empty: the scene's first")]
        private PosewireReceiver receiver = null;

        [SerializeField]
        [Min(0)]
        [Tooltip("0: everybody. 1: the first person by id, 2: the second ...")]
        private int person = 0;

        [SerializeField]
        [Tooltip("Full: steps and height. Height: on the spot. Off: the hips stay at the origin, and no bones are asked for")]
        private RootMotion rootMotion = RootMotion.Full;

        [SerializeField]
        [Tooltip("Show a mirror image")]
        private bool mirror = false;

        [SerializeField]
        [Range(0, 1)]
        [Tooltip("Points less visible than that are hidden; above it they are dimmed by their visibility")]
        private float hideBelow = 0.3f;

        [SerializeField]
        [Min(0)]
        [Tooltip("Of a point, metres; a line is half as thick")]
        private float radius = 0.015f;

        [SerializeField]
        private Color leftColour = new Color(0.15f, 0.6f, 1);

        [SerializeField]
        private Color rightColour = new Color(1, 0.5f, 0.1f);

        [SerializeField]
        private Color middleColour = new Color(0.9f, 0.9f, 0.9f);

        [SerializeField]
        [Tooltip("Unlit, with vertex colours and transparency. Empty: the engine's own Sprites/Default")]
        private Material material = null;

        private readonly Stage _stage = new Stage();
        private readonly Pose _mirrored = new Pose();
        private readonly ReceiverLink _link;
        private Mirror _mirror;
        private LandmarkSet _landmarks;
        private StickFigures _figures;
        private Material _ownMaterial;
        private Follower _follower;
        private int _followed;
        private bool _isDrawn;

        public PosewireSkeleton()
        {
            _link = new ReceiverLink(this);
        }

        public PosewireReceiver Receiver { get { return receiver; } set { receiver = value; } }

        /// <summary>0 for everybody, 1 for the first person by id.</summary>
        public int Person { get { return person; } set { person = value; } }

        public RootMotion RootMotion { get { return rootMotion; } set { rootMotion = value; } }

        public bool Mirror { get { return mirror; } set { mirror = value; } }

        public float HideBelow { get { return hideBelow; } set { hideBelow = value; } }

        public float Radius { get { return radius; } set { radius = value; } }

        public PoseFields Needs => rootMotion == RootMotion.Off ? PoseFields.World : PoseFields.World | PoseFields.Bones | PoseFields.Rest;

        private void OnEnable()
        {
            _link.Join(receiver);
            GetComponent<MeshRenderer>().sharedMaterial = material != null ? material : OwnMaterial();
            GetComponent<MeshRenderer>().enabled = true;
        }

        private void OnDisable()
        {
            _link.Leave();
            _follower = null;
            MeshRenderer renderer = GetComponent<MeshRenderer>();
            if (renderer != null)
            {
                renderer.enabled = false;
            }
        }

        private void OnDestroy()
        {
            if (_figures != null)
            {
                Destroy(_figures.Mesh);
            }
            if (_ownMaterial != null)
            {
                Destroy(_ownMaterial);
            }
        }

        private void LateUpdate()
        {
            PosewireReceiver joined = _link.Join(receiver);
            if (joined == null || joined.Frame == null || joined.Hello == null || joined.Subscribed == null)
            {
                Clear();
                return;
            }
            FindLandmarks(joined.Hello, joined.Subscribed);
            _figures.Begin();
            Draw(joined.Frame);
            _figures.End();
            _isDrawn = true;
        }

        // Off, or connecting to another server: nobody is there. A connection that is lost keeps its last frame.
        private void Clear()
        {
            if (_isDrawn)
            {
                _figures.Begin();
                _figures.End();
                _isDrawn = false;
            }
        }

        private void FindLandmarks(Hello hello, Subscribed subscribed)
        {
            if (_landmarks != null && _landmarks.Hello == hello && _landmarks.Subscribed == subscribed)
            {
                return;
            }
            if (_figures != null)
            {
                Destroy(_figures.Mesh);
            }
            _landmarks = new LandmarkSet(hello, subscribed);
            _mirror = new Mirror(hello, subscribed);
            _figures = new StickFigures(Limits.MaxPeople * _landmarks.Count, Limits.MaxPeople * _landmarks.Lines.Length / 2);
            GetComponent<MeshFilter>().sharedMesh = _figures.Mesh;
        }

        // The stage is that of the one who is followed; where everybody is drawn, of the first.
        private void Draw(Frame frame)
        {
            if (_follower == null || _followed != person)
            {
                _follower = new Follower(Mathf.Max(0, person - 1));
                _followed = person;
            }
            Pose followed = _follower.Follow(frame);
            if (_follower.IsNew)
            {
                _stage.Reset();
            }
            if (followed != null)
            {
                Draw(followed, 0);
            }
            if (person > 0)
            {
                return;
            }
            int figure = 1;
            for (int i = 0; i < frame.Count && figure < Limits.MaxPeople; i++)
            {
                if (frame.Poses[i] != followed)
                {
                    Draw(frame.Poses[i], figure++);
                }
            }
        }

        private void Draw(Pose pose, int figure)
        {
            if (pose.WorldCount != _landmarks.Count)
            {
                return;
            }
            Vector3 hips = Hips(pose);
            Pose drawn = pose;
            if (mirror)
            {
                _mirror.Apply(pose, _mirrored);
                drawn = _mirrored;
            }
            for (int row = 0; row < _landmarks.Count; row++)
            {
                if (drawn.WorldVisibility(row) >= hideBelow)
                {
                    Vector3 at = hips + UnityAxes.ToVector3(drawn.WorldAt(row));
                    _figures.Point(figure * _landmarks.Count + row, at, radius, Colour(drawn, row));
                }
            }
            int[] lines = _landmarks.Lines;
            for (int line = 0; line < lines.Length / 2; line++)
            {
                int from = lines[2 * line];
                int to = lines[2 * line + 1];
                if (drawn.WorldVisibility(from) >= hideBelow && drawn.WorldVisibility(to) >= hideBelow)
                {
                    _figures.Line(
                        figure * lines.Length / 2 + line,
                        hips + UnityAxes.ToVector3(drawn.WorldAt(from)),
                        hips + UnityAxes.ToVector3(drawn.WorldAt(to)),
                        radius * 0.5f,
                        Colour(drawn, from),
                        Colour(drawn, to));
                }
            }
        }

        private Vector3 Hips(Pose pose)
        {
            BoneTree tree = _landmarks.Hello.Bones;
            if (rootMotion == RootMotion.Off || pose.BoneCount == 0 || tree == null)
            {
                return Vector3.zero;
            }
            float ownHeight = pose.RestCount > 0 ? pose.RestAt(0).Y : tree.Rest[0].Y;
            Vec3 hips = _stage.Hips(pose, tree, rootMotion, ownHeight);
            return UnityAxes.ToVector3(mirror ? Core.Mirror.Reflect(hips) : hips);
        }

        private Color32 Colour(Pose pose, int row)
        {
            int side = _landmarks.Sides[row];
            Color colour = side < 0 ? leftColour : side > 0 ? rightColour : middleColour;
            colour.a *= Mathf.Clamp01(pose.WorldVisibility(row));
            return colour;
        }

        private Material OwnMaterial()
        {
            if (_ownMaterial == null)
            {
                Shader shader = Shader.Find(ShaderName);
                if (shader == null)
                {
                    Debug.LogError("Posewire: shader '" + ShaderName + "' isn't in this build: set a material", this);
                    return null;
                }
                _ownMaterial = new Material(shader) { name = "Posewire", hideFlags = HideFlags.DontSave };
            }
            return _ownMaterial;
        }
    }
}
