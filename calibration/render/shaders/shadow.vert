#version 330
// Depth alone, as a lamp sees it.
in vec3 in_point;
in vec2 in_uv;
uniform mat4 world_from_object;
uniform mat4 lamp_from_world;
out vec2 uv;

void main() {
    uv = in_uv;
    gl_Position = lamp_from_world * world_from_object * vec4(in_point, 1.0);
}
