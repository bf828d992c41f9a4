using System;
using System.Net.WebSockets;
using System.Threading;
using System.Threading.Tasks;

namespace Posewire.Core
{
    /// <summary>One attempt: connects, converses until the connection ends, and says how it ended. Runs on the thread that calls
    /// it.</summary>
    internal sealed class Connection
    {
        private const int ConnectLimitMs = 5000;
        private const int SendLimitMs = 5000;
        private const int CloseLimitMs = 200;
        private const int FirstBufferBytes = 65536;
        private const int MostReason = 200;

        private readonly Uri _address;
        private readonly string _token;
        private readonly Subscription _wanted;
        private readonly Board _board;
        private readonly CancellationToken _stop;
        private readonly byte[] _sending = new byte[Session.SendBufferBytes];
        private byte[] _received = new byte[FirstBufferBytes];

        public Connection(Uri address, string token, Subscription wanted, Board board, CancellationToken stop)
        {
            _address = address;
            _token = token;
            _wanted = wanted;
            _board = board;
            _stop = stop;
        }

        /// <summary>Throws OperationCanceledException when told to stop, and nothing else.</summary>
        public Outcome Attempt()
        {
            using (ClientWebSocket socket = new ClientWebSocket())
            {
                Session session = null;
                try
                {
                    string failure = Connect(socket);
                    if (failure != null)
                    {
                        return Handshake.Explain(_address, _token, failure, _stop);
                    }
                    session = new Session(_wanted, MonotonicClock.NowUs, _board.Subscribed != null);
                    return Converse(socket, session);
                }
                catch (OperationCanceledException)
                {
                    if (_stop.IsCancellationRequested)
                    {
                        SayGoodbye(socket);
                        throw;
                    }
                    return Outcome.Lost("the connection was broken off", WasLive(session));
                }
                catch (WireException error)
                {
                    return Outcome.Lost(
                        "the server sent something that isn't the protocol: " + Line.Clean(error.Message, MostReason),
                        WasLive(session));
                }
                catch (Exception error)
                {
                    // Whatever a runtime's sockets throw: a connection that fails is lost, never a crash.
                    return Outcome.Lost(Line.Clean(Causes.Of(error), MostReason), WasLive(session));
                }
                finally
                {
                    socket.Abort();
                }
            }
        }

        private static bool WasLive(Session session)
        {
            return session != null && session.Subscribed != null;
        }

        /// <summary>Null where it is connected; else what the socket says of the failed handshake, one line.</summary>
        private string Connect(ClientWebSocket socket)
        {
            socket.Options.AddSubProtocol(Limits.Subprotocol);
            socket.Options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
            if (_token.Length > 0)
            {
                socket.Options.SetRequestHeader("Authorization", "Bearer " + _token);
            }
            // On another thread, since looking up a name may block before there is a task to wait for.
            Task connecting = Task.Run(() => socket.ConnectAsync(_address, _stop));
            Observe(connecting);
            try
            {
                if (!connecting.Wait(ConnectLimitMs, _stop))
                {
                    throw new TimeoutException(
                        "no answer from " + _address.Authority + " in " + ConnectLimitMs / 1000 + " s");
                }
            }
            catch (AggregateException error)
            {
                _stop.ThrowIfCancellationRequested();
                return Line.Clean(Causes.Of(error), MostReason);
            }
            catch (OperationCanceledException)
            {
                // Not to be left behind: a runtime that ends with a thread in the middle of it may crash.
                socket.Abort();
                ((IAsyncResult)connecting).AsyncWaitHandle.WaitOne(CloseLimitMs);
                throw;
            }
            return null;
        }

        private Outcome Converse(ClientWebSocket socket, Session session)
        {
            while (true)
            {
                int count = 0;
                while (true)
                {
                    if (count == _received.Length)
                    {
                        Grow();
                    }
                    ArraySegment<byte> free = new ArraySegment<byte>(_received, count, _received.Length - count);
                    Task<WebSocketReceiveResult> receiving = socket.ReceiveAsync(free, CancellationToken.None);
                    string overdue = Await(receiving, socket, session);
                    if (overdue != null)
                    {
                        Observe(receiving);
                        return Outcome.Lost(overdue, WasLive(session));
                    }
                    WebSocketReceiveResult result = receiving.Result;
                    if (result.MessageType == WebSocketMessageType.Close)
                    {
                        return Outcome.Lost(Closed(socket), WasLive(session));
                    }
                    if (result.MessageType == WebSocketMessageType.Text)
                    {
                        throw new WireException(WireException.WrongKind, "a text message; msgpack comes in binary ones");
                    }
                    count += result.Count;
                    if (result.EndOfMessage)
                    {
                        break;
                    }
                }
                long nowUs = MonotonicClock.NowUs;
                MessageKind kind = session.Receive(_received, 0, count, nowUs);
                _board.Take(kind, session, nowUs);
                if (kind == MessageKind.Error)
                {
                    ServerError error = session.Refusal;
                    return Outcome.Refusal(
                        Line.Clean(error.Code, Limits.MaxNameLength) + ": " + Line.Clean(error.Message, MostReason));
                }
            }
        }

        /// <summary>Waits for a message and sends meanwhile what is due. Null when it is there, else what the server failed to say in
        /// time.</summary>
        private string Await(Task receiving, ClientWebSocket socket, Session session)
        {
            while (true)
            {
                long nowUs = MonotonicClock.NowUs;
                int count = session.Write(nowUs, _sending);
                if (count > 0)
                {
                    Send(socket, count);
                    continue;
                }
                string overdue = session.Overdue(nowUs);
                if (overdue != null)
                {
                    return overdue;
                }
                int waitMs = (int)Math.Max(1, (session.NextUs - nowUs + 999) / 1000);
                try
                {
                    if (receiving.Wait(waitMs, _stop))
                    {
                        return null;
                    }
                }
                catch (OperationCanceledException)
                {
                    Observe(receiving);
                    throw;
                }
            }
        }

        private void Send(ClientWebSocket socket, int count)
        {
            Task sending = socket.SendAsync(
                new ArraySegment<byte>(_sending, 0, count), WebSocketMessageType.Binary, true, CancellationToken.None);
            if (!sending.Wait(SendLimitMs, _stop))
            {
                Observe(sending);
                throw new TimeoutException("the server took no byte for " + SendLimitMs / 1000 + " s");
            }
        }

        private void Grow()
        {
            if (_received.Length >= Limits.MaxServerMessageBytes)
            {
                throw new WireException(
                    WireException.TooLarge, "a message of over " + Limits.MaxServerMessageBytes + " bytes");
            }
            Array.Resize(ref _received, Math.Min(2 * _received.Length, Limits.MaxServerMessageBytes));
        }

        private static string Closed(ClientWebSocket socket)
        {
            string code = socket.CloseStatus == null ? "" : " (" + (int)socket.CloseStatus + ")";
            string why = Line.Clean(socket.CloseStatusDescription ?? "", MostReason);
            return "the server ended the connection" + code + (why.Length > 0 ? ": " + why : "");
        }

        private static void SayGoodbye(ClientWebSocket socket)
        {
            if (socket.State != WebSocketState.Open)
            {
                return;
            }
            try
            {
                Task closing = socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
                Observe(closing);
                closing.Wait(CloseLimitMs);
            }
            catch (Exception)
            {
                // It is ended either way.
            }
        }

        // What a task throws after nobody waits for it any more is of no interest, but has to be looked at.
        private static void Observe(Task task)
        {
            task.ContinueWith(
                ended => { GC.KeepAlive(ended.Exception); },
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
