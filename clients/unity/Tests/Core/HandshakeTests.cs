using NUnit.Framework;

namespace Posewire.Core.Tests
{
    /// <summary>What needs no network; tests/clients/test_unity_core.py of the repository has the rest.</summary>
    public sealed class HandshakeTests
    {
        [TestCase("7", 7000)]
        [TestCase("60", 60000)]
        [TestCase("61", 60000)]
        [TestCase("2147483647", 60000)]
        [TestCase("2147483648", 0)]
        [TestCase("-1", 0)]
        [TestCase("1.5", 0)]
        [TestCase("\u0663", 0)]
        [TestCase("Wed, 21 Oct 2015 07:28:00 GMT", 0)]
        [TestCase("", 0)]
        [TestCase(null, 0)]
        public void HowLongTheServerAsksToWait(string header, int waitMs)
        {
            Assert.That(Handshake.RetryAfterMs(header), Is.EqualTo(waitMs));
        }
    }
}
