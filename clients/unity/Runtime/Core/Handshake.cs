using System;
using System.Globalization;
using System.IO;
using System.Net;
using System.Text;
using System.Threading;

namespace Posewire.Core
{
    /// <summary>Why a WebSocket handshake failed. ClientWebSocket hides what the server said, so the same address is asked once
    /// more with a plain GET: a Posewire server answers that with 426 where nothing is wrong, else with its refusal.</summary>
    internal static class Handshake
    {
        private const int LimitMs = 5000;
        private const int MostBytes = 4096;
        private const int LowestRefusal = 400;
        private const int RequestTimeout = 408;
        private const int UpgradeRequired = 426;
        private const int TooManyRequests = 429;
        private const int MostRetryAfterS = 60;

        /// <summary>failure: what the socket said. Throws OperationCanceledException when told to stop.</summary>
        public static Outcome Explain(Uri address, string token, string failure, CancellationToken stop)
        {
            int status = 0;
            string words = "";
            int retryAfterMs = 0;
            try
            {
                HttpWebRequest request = WebRequest.CreateHttp(Address.Http(address));
                request.Proxy = null;
                request.AllowAutoRedirect = false;
                request.KeepAlive = false;
                request.Timeout = LimitMs;
                request.ReadWriteTimeout = LimitMs;
                if (token.Length > 0)
                {
                    request.Headers["Authorization"] = "Bearer " + token;
                }
                using (stop.Register(request.Abort))
                using (HttpWebResponse response = Answer(request))
                {
                    status = (int)response.StatusCode;
                    words = Words(response);
                    retryAfterMs = RetryAfterMs(response.Headers["Retry-After"]);
                }
            }
            catch (Exception error)
            {
                // No answer at all: what went wrong is between here and there.
                stop.ThrowIfCancellationRequested();
                return Outcome.Lost(Line.Clean(Causes.Of(error), Limits.MaxTextLength), false);
            }
            stop.ThrowIfCancellationRequested();
            if (status == UpgradeRequired)
            {
                return Outcome.Lost(failure, false);
            }
            string reason = (Line.Of(status) + " " + words).Trim();
            bool final = status < 500 && status != RequestTimeout && status != TooManyRequests;
            return final ? Outcome.Refusal(reason) : Outcome.NotNow(reason, retryAfterMs);
        }

        /// <summary>Of a Retry-After header, null where there is none. A server that asks for more patience is tried again after a
        /// minute, all the same; a date isn't looked at.</summary>
        internal static int RetryAfterMs(string text)
        {
            int seconds;
            bool isNumber = int.TryParse(text ?? "", NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
            return isNumber ? 1000 * Math.Min(seconds, MostRetryAfterS) : 0;
        }

        private static HttpWebResponse Answer(HttpWebRequest request)
        {
            try
            {
                return (HttpWebResponse)request.GetResponse();
            }
            catch (WebException error)
            {
                HttpWebResponse response = error.Response as HttpWebResponse;
                if (response == null)
                {
                    throw;
                }
                return response;
            }
        }

        // A page says nothing in one line, and what isn't even a refusal comes from a server of something else.
        private static string Words(HttpWebResponse response)
        {
            if ((int)response.StatusCode < LowestRefusal)
            {
                return "is no answer of a Posewire server";
            }
            bool page = (response.ContentType ?? "").Contains("html");
            return Problem.Detail(page ? response.StatusDescription : Body(response));
        }

        private static string Body(HttpWebResponse response)
        {
            byte[] bytes = new byte[MostBytes];
            int count = 0;
            using (Stream stream = response.GetResponseStream())
            {
                int more = 1;
                while (more > 0 && count < bytes.Length)
                {
                    more = stream.Read(bytes, count, bytes.Length - count);
                    count += more;
                }
            }
            return Encoding.UTF8.GetString(bytes, 0, count);
        }
    }
}
