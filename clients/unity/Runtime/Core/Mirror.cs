namespace Posewire.Core
{
    /// <summary>Swaps left and right and reflects x, so that an avatar moves like a mirror image. In the wire's axes.</summary>
    public sealed class Mirror
    {
        /// <summary>hello names bones, landmarks and angles; subscribed says which landmark a row is.</summary>
        public Mirror(Hello hello, Subscribed subscribed)
        {
            throw new System.NotImplementedException();
        }

        public static Vec3 Reflect(Vec3 position)
        {
            return new Vec3(-position.X, position.Y, position.Z);
        }

        public static Quat Reflect(Quat rotation)
        {
            return new Quat(rotation.X, -rotation.Y, -rotation.Z, rotation.W);
        }

        /// <summary>The mirror image of a pose goes into another one, which has to be another object.</summary>
        public void Apply(Pose pose, Pose into)
        {
            throw new System.NotImplementedException();
        }

        /// <summary>The mirror image of everyone in a frame.</summary>
        public void Apply(Frame frame, Frame into)
        {
            throw new System.NotImplementedException();
        }
    }
}
