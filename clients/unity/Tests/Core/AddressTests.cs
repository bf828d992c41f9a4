using System;
using NUnit.Framework;

namespace Posewire.Core.Tests
{
    public sealed class AddressTests
    {
        [TestCase("ws://host:8765/", "ws://host:8765/stream")]
        [TestCase("ws://host:8765", "ws://host:8765/stream")]
        [TestCase("host:8765", "ws://host:8765/stream")]
        [TestCase("  192.168.1.7:8765 ", "ws://192.168.1.7:8765/stream")]
        [TestCase("http://host:8765/", "ws://host:8765/stream")]
        [TestCase("https://host/", "wss://host/stream")]
        [TestCase("wss://host:444/", "wss://host:444/stream")]
        [TestCase("ws://host:8765/stream", "ws://host:8765/stream")]
        [TestCase("ws://host:8765/pose/stream?token=abc", "ws://host:8765/pose/stream?token=abc")]
        [TestCase("http://host:8765/?token=abc", "ws://host:8765/stream?token=abc")]
        [TestCase("ws://[::1]:8765/", "ws://[::1]:8765/stream")]
        [TestCase("localhost", "ws://localhost/stream")]
        public void WhatPeopleTypeIsTaken(string typed, string expected)
        {
            string problem;
            Uri address = Address.Stream(typed, out problem);
            Assert.That(problem, Is.Null);
            Assert.That(address.AbsoluteUri, Is.EqualTo(new Uri(expected).AbsoluteUri));
        }

        [TestCase("")]
        [TestCase(null)]
        [TestCase("ftp://host/")]
        [TestCase("ws://")]
        [TestCase("ws://host:99999/")]
        [TestCase("ws://host:port/")]
        [TestCase("no address at all")]
        [TestCase("file:///etc/passwd")]
        [TestCase("ws://user:secret@host/")]
        public void WhatIsNoAddressIsRefusedInOneLine(string typed)
        {
            string problem;
            Assert.That(Address.Stream(typed, out problem), Is.Null);
            Assert.That(problem, Contains.Substring("is no address of a server; it looks like ws://HOST:PORT/"));
        }

        [Test]
        public void TheSameOverHttp()
        {
            Assert.That(Address.Http(new Uri("ws://host:8765/stream?a=b")).AbsoluteUri, Is.EqualTo("http://host:8765/stream?a=b"));
            Assert.That(Address.Http(new Uri("wss://host:8765/stream")).AbsoluteUri, Is.EqualTo("https://host:8765/stream"));
        }

        [TestCase("{\"title\":\"Unauthorized\",\"detail\":\"a token is \\\"needed\\\" \\u2014 now\\nplease\"}", "a token is \"needed\" \u2014 now please")]
        [TestCase("{\"title\":\"Unauthorized\"}", "{\"title\":\"Unauthorized\"}")]
        [TestCase("Not Found\n", "Not Found")]
        [TestCase("{\"detail\":", "{\"detail\":")]
        [TestCase("{\"detail\":\"cut \\", "cut \\")]
        [TestCase("", "")]
        public void ARefusalIsReadAsOneLine(string body, string line)
        {
            Assert.That(Problem.Detail(body), Is.EqualTo(line));
        }

        [Test]
        public void AStrangersLineIsCut()
        {
            Assert.That(Line.Clean("a\tb\u0007c\u2028d", 40), Is.EqualTo("a b c d"));
            Assert.That(Line.Clean(new string('x', 50), 40), Is.EqualTo(new string('x', 40) + "..."));
        }
    }
}
