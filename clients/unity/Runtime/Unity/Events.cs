using System;
using Posewire.Core;
using UnityEngine.Events;
using Pose = Posewire.Core.Pose;

namespace Posewire
{
    /// <summary>What is shown changed. The frame is a buffer: copy what is to be kept.</summary>
    [Serializable]
    public sealed class FrameEvent : UnityEvent<Frame>
    {
    }

    /// <summary>Somebody came into the picture.</summary>
    [Serializable]
    public sealed class PersonAppearedEvent : UnityEvent<Pose>
    {
    }

    /// <summary>The person of an id has been out of the picture for a second.</summary>
    [Serializable]
    public sealed class PersonGoneEvent : UnityEvent<long>
    {
    }

    /// <summary>The connection's state is another one.</summary>
    [Serializable]
    public sealed class StateEvent : UnityEvent<ConnectionState>
    {
    }
}
