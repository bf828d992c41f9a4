using System;
using System.Security.Authentication;

namespace Posewire.Core
{
    /// <summary>Why something failed, in the words of its innermost cause: what is wrapped around says only that it failed.</summary>
    internal static class Causes
    {
        public static string Of(Exception error)
        {
            AggregateException several = error as AggregateException;
            if (several != null)
            {
                error = several.Flatten().InnerException;
            }
            bool certificate = false;
            while (error.InnerException != null)
            {
                certificate |= error is AuthenticationException;
                error = error.InnerException;
            }
            certificate |= error is AuthenticationException;
            string words = string.IsNullOrEmpty(error.Message) ? error.GetType().Name : error.Message;
            return certificate ? "the server's TLS certificate isn't accepted here: " + words : words;
        }
    }
}
