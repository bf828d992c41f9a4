using UnityEngine;

namespace Posewire
{
    /// <summary>A mesh of points (octahedra) and lines (three-sided bars) whose vertices are set anew each frame. Whatever isn't
    /// set has no size.</summary>
    internal sealed class StickFigures
    {
        private const int PointVertices = 6;
        private const int LineVertices = 6;

        private static readonly int[] PointTriangles =
        {
            0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 4, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3, 5,
        };

        private static readonly int[] LineTriangles =
        {
            0, 1, 3, 1, 4, 3, 1, 2, 4, 2, 5, 4, 2, 0, 5, 0, 3, 5,
        };

        private readonly int _points;
        private readonly Vector3[] _vertices;
        private readonly Color32[] _colours;
        private Vector3 _least;
        private Vector3 _most;
        private bool _isEmpty;

        public StickFigures(int points, int lines)
        {
            _points = points;
            _vertices = new Vector3[PointVertices * points + LineVertices * lines];
            _colours = new Color32[_vertices.Length];
            Mesh = new Mesh { name = "Posewire", hideFlags = HideFlags.DontSave };
            Mesh.MarkDynamic();
            Mesh.vertices = _vertices;
            Mesh.colors32 = _colours;
            Mesh.triangles = Triangles(points, lines);
        }

        public Mesh Mesh { get; private set; }

        /// <summary>Begin a frame: nothing is there.</summary>
        public void Begin()
        {
            System.Array.Clear(_vertices, 0, _vertices.Length);
            _isEmpty = true;
        }

        public void Point(int point, Vector3 at, float radius, Color32 colour)
        {
            int first = PointVertices * point;
            Set(first, at + new Vector3(radius, 0, 0), colour);
            Set(first + 1, at - new Vector3(radius, 0, 0), colour);
            Set(first + 2, at + new Vector3(0, radius, 0), colour);
            Set(first + 3, at - new Vector3(0, radius, 0), colour);
            Set(first + 4, at + new Vector3(0, 0, radius), colour);
            Set(first + 5, at - new Vector3(0, 0, radius), colour);
        }

        public void Line(int line, Vector3 from, Vector3 to, float radius, Color32 fromColour, Color32 toColour)
        {
            Vector3 along = (to - from).normalized;
            Vector3 other = Mathf.Abs(along.y) < 0.9f ? Vector3.up : Vector3.right;
            Vector3 side = Vector3.Cross(along, other).normalized * radius;
            Vector3 up = Vector3.Cross(side, along);
            int first = PointVertices * _points + LineVertices * line;
            End(first, from, side, up, fromColour);
            End(first + 3, to, side, up, toColour);
        }

        /// <summary>Hand the frame to the mesh.</summary>
        public void End()
        {
            Mesh.vertices = _vertices;
            Mesh.colors32 = _colours;
            Mesh.bounds = _isEmpty
                ? new Bounds(Vector3.zero, Vector3.zero)
                : new Bounds((_least + _most) * 0.5f, _most - _least);
        }

        private void End(int first, Vector3 at, Vector3 side, Vector3 up, Color32 colour)
        {
            Set(first, at + up, colour);
            Set(first + 1, at - up * 0.5f + side * 0.866f, colour);
            Set(first + 2, at - up * 0.5f - side * 0.866f, colour);
        }

        private void Set(int vertex, Vector3 at, Color32 colour)
        {
            _vertices[vertex] = at;
            _colours[vertex] = colour;
            _least = _isEmpty ? at : Vector3.Min(_least, at);
            _most = _isEmpty ? at : Vector3.Max(_most, at);
            _isEmpty = false;
        }

        private static int[] Triangles(int points, int lines)
        {
            int[] triangles = new int[PointTriangles.Length * points + LineTriangles.Length * lines];
            int next = 0;
            for (int point = 0; point < points; point++)
            {
                foreach (int corner in PointTriangles)
                {
                    triangles[next++] = PointVertices * point + corner;
                }
            }
            for (int line = 0; line < lines; line++)
            {
                foreach (int corner in LineTriangles)
                {
                    triangles[next++] = PointVertices * points + LineVertices * line + corner;
                }
            }
            return triangles;
        }
    }
}
