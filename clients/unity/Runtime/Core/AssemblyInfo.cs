using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Posewire.Core.Tests")]
[assembly: InternalsVisibleTo("Posewire.Core.Benchmark")]
