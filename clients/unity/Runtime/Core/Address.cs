using System;

namespace Posewire.Core
{
    /// <summary>The address of a stream, from what people type.</summary>
    public static class Address
    {
        /// <summary>ws://HOST:PORT/stream for ws, http or no scheme, wss likewise for wss and https; a path and a query that
        /// are there stay. Null where it is no address; then `problem` says so in one line.</summary>
        public static Uri Stream(string text, out string problem)
        {
            problem = null;
            string typed = (text ?? "").Trim();
            string withScheme = typed.Contains("://") ? typed : "ws://" + typed;
            Uri uri;
            if (typed.Length > 0 && Uri.TryCreate(withScheme, UriKind.Absolute, out uri))
            {
                string scheme = WebSocketScheme(uri.Scheme);
                if (scheme != null && uri.Host.Length > 0 && uri.UserInfo.Length == 0)
                {
                    string path = uri.AbsolutePath.Length > 1 ? uri.AbsolutePath : "/stream";
                    return new Uri(scheme + "://" + Authority(uri, scheme) + path + uri.Query);
                }
            }
            problem = "'" + Line.Clean(typed, 80) + "' is no address of a server; it looks like ws://HOST:PORT/";
            return null;
        }

        /// <summary>The same address for a plain HTTP request.</summary>
        internal static Uri Http(Uri stream)
        {
            return new Uri((stream.Scheme == "wss" ? "https" : "http") + stream.AbsoluteUri.Substring(stream.Scheme.Length));
        }

        private static string WebSocketScheme(string scheme)
        {
            switch (scheme)
            {
                case "ws":
                case "http":
                    return "ws";
                case "wss":
                case "https":
                    return "wss";
                default:
                    return null;
            }
        }

        // A port that isn't spelled is the usual one of the scheme.
        private static string Authority(Uri uri, string scheme)
        {
            bool spelled = uri.Port > 0;
            int port = spelled ? uri.Port : scheme == "ws" ? 80 : 443;
            return uri.Host + ":" + port;
        }
    }
}
