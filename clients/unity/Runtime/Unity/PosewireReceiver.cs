using System;
using System.Collections.Generic;
using Posewire.Core;
using UnityEngine;
using Pose = Posewire.Core.Pose;

namespace Posewire
{
    /// <summary>A connection to a Posewire server. Other components show what it receives; it may be heard as well.</summary>
    [AddComponentMenu("Posewire/Posewire Receiver")]
    [DisallowMultipleComponent]
    [DefaultExecutionOrder(-100)]
    public sealed class PosewireReceiver : MonoBehaviour
    {
        private static readonly List<PosewireReceiver> Enabled = new List<PosewireReceiver>();

        [Header("Server")]
        [SerializeField]
        [Delayed]
        [Tooltip("ws://HOST:PORT/, wss://HOST/ or HOST:PORT")]
        private string address = "ws://127.0.0.1:8765/";

        [SerializeField]
        [Delayed]
        [Tooltip("Empty where the server needs none. Saved in the scene: set it from a script where that matters.")]
        private string token = "";

        [SerializeField]
        [Delayed]
        [Tooltip("A stream's id; empty for the server's first")]
        private string stream = "";

        [SerializeField]
        [Tooltip("Connect as soon as this component is enabled")]
        private bool connectOnEnable = true;

        [Header("What is sent")]
        [SerializeField]
        [Tooltip("Beyond what the components in the scene need")]
        private PoseFields fields = PoseFields.Automatic;

        [SerializeField]
        [Delayed]
        [Tooltip("Upper bound of the rate, 0.01 to 1000 frames a second; 0 for every frame")]
        private float maxFps = 0;

        [Header("How it is shown")]
        [SerializeField]
        [Tooltip("Smooth interpolates between frames and costs about one frame of latency; latest adds none and steps at the stream's rate")]
        private PlayoutMode playout = PlayoutMode.Smooth;

        [Header("Events")]
        [SerializeField]
        private FrameEvent onFrame = new FrameEvent();

        [SerializeField]
        private PersonAppearedEvent onPersonAppeared = new PersonAppearedEvent();

        [SerializeField]
        private PersonGoneEvent onPersonGone = new PersonGoneEvent();

        [SerializeField]
        private StateEvent onStateChanged = new StateEvent();

        private readonly List<IPoseConsumer> _consumers = new List<IPoseConsumer>();
        private readonly PeopleWatch _people;
        private Feed _feed;
        private ConnectionState _state;
        private string _refused = "";
        private bool _wanted;
        private bool _paused;

        public PosewireReceiver()
        {
            _people = new PeopleWatch(RaiseAppeared, RaiseGone);
        }

        /// <summary>What is shown changed. The frame is a buffer: copy what is to be kept.</summary>
        public event Action<Frame> FrameShown;

        /// <summary>Somebody came into the picture.</summary>
        public event Action<Pose> PersonAppeared;

        /// <summary>The person of an id has been out of the picture for a second.</summary>
        public event Action<long> PersonGone;

        /// <summary>The connection's state is another one.</summary>
        public event Action<ConnectionState> StateChanged;

        /// <summary>The scene's receiver: the first that was enabled. Null where there is none.</summary>
        public static PosewireReceiver First => Enabled.Count > 0 ? Enabled[0] : null;

        public string Address { get { return address; } set { address = value; } }

        public string Token { get { return token; } set { token = value; } }

        public string Stream { get { return stream; } set { stream = value; } }

        public PoseFields Fields { get { return fields; } set { fields = value; } }

        public float MaxFps { get { return maxFps; } set { maxFps = value; } }

        public PlayoutMode PlayoutMode { get { return playout; } set { playout = value; } }

        public bool ConnectOnEnable { get { return connectOnEnable; } set { connectOnEnable = value; } }

        public FrameEvent OnFrame => onFrame;

        public PersonAppearedEvent OnPersonAppeared => onPersonAppeared;

        public PersonGoneEvent OnPersonGone => onPersonGone;

        public StateEvent OnStateChanged => onStateChanged;

        public ConnectionState State => _state;

        /// <summary>Why it is lost or refused, one line; empty otherwise.</summary>
        public string Reason => _feed != null ? _feed.Receiver.Reason : _refused;

        /// <summary>Of the last connection: the server's version, streams (as they come and go) and bones. Null before the first.
        /// </summary>
        public Hello Hello => _feed != null ? _feed.Receiver.Hello : null;

        /// <summary>What the server agreed to. Null before the first answer.</summary>
        public Subscribed Subscribed => _feed != null ? _feed.Receiver.Subscribed : null;

        /// <summary>How the stream fares at the server; null while nothing was said about it.</summary>
        public Status StreamStatus => _feed != null ? _feed.Receiver.StreamStatus : null;

        /// <summary>Frames a second over the last second.</summary>
        public float Rate => _feed != null ? _feed.Receiver.Rate : 0;

        /// <summary>Median age of the last second's frames on arrival in milliseconds, from the capture on; NaN where it isn't known.
        /// </summary>
        public float LatencyMs => _feed != null ? _feed.Receiver.LatencyMs : float.NaN;

        /// <summary>Frames that the server left out because this connection was slow.</summary>
        public long Dropped => _feed != null ? _feed.Receiver.Dropped : 0;

        /// <summary>How many people were seen within the last second.</summary>
        public int People => _people.Count;

        /// <summary>What is shown now; null before the first frame of these settings. A buffer: copy what is to be kept.</summary>
        public Frame Frame { get; private set; }

        /// <summary>Connect at the next Update, or connect anew: the way on after a refusal.</summary>
        public void Connect()
        {
            Stop();
            _wanted = true;
        }

        /// <summary>End the connection until Connect.</summary>
        public void Disconnect()
        {
            _wanted = false;
            Stop();
            SetState(ConnectionState.Off);
        }

        /// <summary>Ask for what a component needs. In the steady state that is no more than what is sent already.</summary>
        public void Add(IPoseConsumer consumer)
        {
            _consumers.Add(consumer);
        }

        public void Remove(IPoseConsumer consumer)
        {
            _consumers.Remove(consumer);
        }

        private void OnEnable()
        {
            Enabled.Add(this);
            _wanted = connectOnEnable;
        }

        private void OnDisable()
        {
            Enabled.Remove(this);
            Disconnect();
        }

        // Of phones, and of players that don't run in the background: nobody would take the frames.
        private void OnApplicationPause(bool paused)
        {
            _paused = paused;
            if (paused)
            {
                Stop();
                SetState(ConnectionState.Off);
            }
        }

        private void Update()
        {
            if (_wanted && !_paused)
            {
                KeepSettings();
            }
            Feed feed = _feed;
            if (feed == null)
            {
                return;
            }
            SetState(feed.Receiver.State);
            if (feed != _feed)
            {
                // Who heard of the state has disconnected.
                return;
            }
            bool isNew;
            Frame shown = feed.Show(playout, out isNew);
            // Between two connections the last frame is held.
            Frame = shown ?? Frame;
            if (!isNew)
            {
                return;
            }
            _people.Look(shown);
            if (FrameShown != null)
            {
                FrameShown(shown);
            }
            onFrame.Invoke(shown);
        }

        // Begin, or begin anew where a setting is another one.
        private void KeepSettings()
        {
            PoseFields needed = fields;
            for (int i = 0; i < _consumers.Count; i++)
            {
                needed |= _consumers[i].Needs;
            }
            // What was asked for and isn't needed any more stays: a component that is switched off and on costs no connection.
            if (_feed != null && Settings(_feed.Settings.Fields | needed).IsSame(_feed.Settings))
            {
                return;
            }
            Stop();
            Begin(Settings(needed));
        }

        private ReceiverSettings Settings(PoseFields asked)
        {
            return new ReceiverSettings
            {
                Address = address,
                Token = token,
                Stream = stream,
                Fields = asked,
                MaxFps = maxFps,
            };
        }

#if UNITY_WEBGL && !UNITY_EDITOR
        private const string NoSockets =
            "WebGL has no sockets for this receiver: it works in the editor and in builds for all other platforms";

        private void Begin(ReceiverSettings settings)
        {
            _wanted = false;
            _refused = NoSockets;
            SetState(ConnectionState.Refused);
        }
#else
        private void Begin(ReceiverSettings settings)
        {
            _feed = new Feed(settings, playout);
        }
#endif

        private void Stop()
        {
            if (_feed != null)
            {
                _feed.Stop();
            }
            _feed = null;
            _refused = "";
            Frame = null;
            _people.Clear();
        }

        private void SetState(ConnectionState state)
        {
            if (state == _state)
            {
                return;
            }
            _state = state;
            if (StateChanged != null)
            {
                StateChanged(state);
            }
            onStateChanged.Invoke(state);
        }

        private void RaiseAppeared(Pose pose)
        {
            if (PersonAppeared != null)
            {
                PersonAppeared(pose);
            }
            onPersonAppeared.Invoke(pose);
        }

        private void RaiseGone(long id)
        {
            if (PersonGone != null)
            {
                PersonGone(id);
            }
            onPersonGone.Invoke(id);
        }
    }
}
