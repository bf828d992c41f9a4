// https://docs.unity3d.com/ScriptReference/Mesh.html
// https://docs.unity3d.com/ScriptReference/MeshFilter.html
// https://docs.unity3d.com/ScriptReference/Renderer.html
// https://docs.unity3d.com/ScriptReference/MeshRenderer.html
// https://docs.unity3d.com/ScriptReference/Material.html
// https://docs.unity3d.com/ScriptReference/Shader.html

namespace UnityEngine
{
    public sealed class Mesh : Object
    {
        public Vector3[] vertices { get; set; }
        public Color32[] colors32 { get; set; }
        public int[] triangles { get; set; }
        public Bounds bounds { get; set; }

        public void MarkDynamic()
        {
        }
    }

    public sealed class MeshFilter : Component
    {
        public Mesh sharedMesh { get; set; }
    }

    public class Renderer : Component
    {
        public bool enabled { get; set; }
        public Material sharedMaterial { get; set; }
    }

    public class MeshRenderer : Renderer
    {
    }

    public class Material : Object
    {
        public Material(Shader shader)
        {
            this.shader = shader;
        }

        public Shader shader { get; set; }
    }

    public sealed class Shader : Object
    {
        private Shader()
        {
        }

        public static Shader Find(string name)
        {
            return name == "Sprites/Default" ? new Shader { name = name } : null;
        }
    }
}
