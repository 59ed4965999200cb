#version 330
// Puts the points of one object before the camera and into the maps of the two lamps.
in vec3 in_point;
in vec3 in_normal;
in vec2 in_uv;
in vec3 in_colour;
in vec3 in_rest;
uniform mat4 camera_from_world;
uniform mat4 world_from_object;
uniform mat4 lamp0_from_world;
uniform mat4 lamp1_from_world;
out vec3 at;
out vec3 normal;
out vec2 uv;
out vec3 colour;
out vec3 rest;
out vec4 in_lamp0;
out vec4 in_lamp1;

void main() {
    vec4 world = world_from_object * vec4(in_point, 1.0);
    at = world.xyz;
    normal = mat3(world_from_object) * in_normal;
    uv = in_uv;
    colour = in_colour;
    rest = in_rest;
    vec3 lifted = at + normalize(normal) * 0.006;  // so that nothing shades itself
    in_lamp0 = lamp0_from_world * vec4(lifted, 1.0);
    in_lamp1 = lamp1_from_world * vec4(lifted, 1.0);
    gl_Position = camera_from_world * world;
}
