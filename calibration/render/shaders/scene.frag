#version 330
// Light of sky and floor, two lamps with soft shadows and the screen; filmic tones.
in vec3 at;
in vec3 normal;
in vec2 uv;
in vec3 colour;
in vec3 rest;
in vec4 in_lamp0;
in vec4 in_lamp1;
uniform sampler2D picture;
uniform int has_picture;
uniform int is_transparent;
uniform int is_two_sided;
uniform vec3 tint;
uniform vec3 camera;
uniform float wrinkles;       // height of folds in the cloth
uniform float wrinkles_per_m;
uniform float mottling;
uniform float wrap;           // how far light creeps round an edge, as it does in skin
uniform float gloss;
uniform float gloss_sharpness;
uniform float glow;
uniform vec3 sky;
uniform vec3 ground;
uniform vec3 lamp_at[3];
uniform vec3 lamp_colour[3];
uniform float lamp_softness[2];
uniform sampler2DShadow lamp0;
uniform sampler2DShadow lamp1;
out vec4 shown;

float hash(vec3 p) {
    p = fract(p * vec3(0.1031, 0.1030, 0.0973));
    p += dot(p, p.yxz + 33.33);
    return fract((p.x + p.y) * p.z);
}

float noise(vec3 x) {
    vec3 i = floor(x), f = fract(x);
    f = f * f * (3.0 - 2.0 * f);
    return mix(
        mix(mix(hash(i), hash(i + vec3(1, 0, 0)), f.x),
            mix(hash(i + vec3(0, 1, 0)), hash(i + vec3(1, 1, 0)), f.x), f.y),
        mix(mix(hash(i + vec3(0, 0, 1)), hash(i + vec3(1, 0, 1)), f.x),
            mix(hash(i + vec3(0, 1, 1)), hash(i + vec3(1, 1, 1)), f.x), f.y),
        f.z);
}

float folds(vec3 p) {
    return 0.6 * noise(p) + 0.4 * noise(p * 2.1 + 7.0);
}

float lit(sampler2DShadow lamp, vec4 place, float softness) {
    vec3 q = place.xyz / place.w * 0.5 + 0.5;
    if (any(lessThan(q.xy, vec2(0))) || any(greaterThan(q, vec3(1)))) return 1.0;
    float turn = hash(vec3(gl_FragCoord.xy, 1.0)) * 6.283, sum = 0.0;
    mat2 turned = mat2(cos(turn), sin(turn), -sin(turn), cos(turn));
    for (int i = 0; i < 5; i++) {
        float angle = float(i) * 2.399, radius = sqrt((float(i) + 0.5) / 5.0) * softness;
        vec2 offset = turned * (radius * vec2(cos(angle), sin(angle)));
        sum += texture(lamp, vec3(q.xy + offset, q.z - 0.0015));
    }
    return sum / 5.0;
}

vec3 folded(vec3 n) {
    float step = 0.004;
    vec3 p = rest * wrinkles_per_m;
    float here = folds(p), far = step * wrinkles_per_m;
    vec3 slope = vec3(folds(p + vec3(far, 0, 0)), folds(p + vec3(0, far, 0)),
                      folds(p + vec3(0, 0, far))) - here;
    slope /= step;
    return normalize(n - wrinkles * (slope - n * dot(slope, n)));
}

void main() {
    vec4 texel = vec4(1);
    if (has_picture == 1) {
        texel = texture(picture, uv);
        texel.rgb = pow(texel.rgb, vec3(2.2));
    }
    if (is_transparent == 1 && texel.a < 0.1) discard;
    vec3 albedo = texel.rgb * tint * colour;
    if (mottling > 0.0) {
        float fine = noise(rest * 70.0) - 0.5;
        float coarse = noise(rest * 7.0) * 0.7 + noise(rest * 17.0) * 0.3 - 0.5;
        albedo *= 1.0 + mottling * (fine + coarse);
    }
    vec3 n = normalize(normal), view = normalize(camera - at);
    if (is_two_sided == 1 && dot(n, view) < 0.0) n = -n;
    if (wrinkles > 0.0) n = folded(n);
    vec3 light = mix(ground, sky, n.y * 0.5 + 0.5) * albedo;
    float share[3] = float[](0.0, 0.0, 1.0);
    if (dot(n, lamp_at[0] - at) > -wrap * 3.0) share[0] = lit(lamp0, in_lamp0, lamp_softness[0]);
    if (dot(n, lamp_at[1] - at) > -wrap * 3.0) share[1] = lit(lamp1, in_lamp1, lamp_softness[1]);
    for (int i = 0; i < 3; i++) {
        vec3 line = lamp_at[i] - at;
        float squared = dot(line, line);
        line /= sqrt(squared);
        float facing = dot(n, line);
        vec3 arriving = lamp_colour[i] / max(squared, 0.05) * share[i];
        light += albedo * arriving * max(0.0, (facing + wrap) / (1.0 + wrap));
        if (gloss > 0.0 && facing > 0.0) {
            float mirrored = max(dot(n, normalize(line + view)), 0.0);
            light += arriving * gloss * pow(mirrored, gloss_sharpness);
        }
    }
    light += albedo * glow;
    light = (light * (2.51 * light + 0.03)) / (light * (2.43 * light + 0.59) + 0.14);
    shown = vec4(pow(clamp(light, 0.0, 1.0), vec3(1.0 / 2.2)), is_transparent == 1 ? texel.a : 1.0);
}
