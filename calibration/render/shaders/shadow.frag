#version 330
in vec2 uv;
uniform sampler2D picture;
uniform int is_transparent;

void main() {
    if (is_transparent == 1 && texture(picture, uv).a < 0.4) discard;
}
