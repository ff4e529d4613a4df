<?php
/*
 * Plugin Name: Parley comments
 * Description: Parley's discussion in place of the theme's comments; whoever is signed in to WordPress is signed in there.
 *
 * In wp-config.php: define('PARLEY_URL', 'https://comments.example.org'); define('PARLEY_SITE', 'courier');
 * define('PARLEY_SSO_SECRET', '…');  from `parley key add courier "WordPress"`
 */

function parley_part(array $value): string {
    ksort($value);
    $json = json_encode($value, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
    return rtrim(strtr(base64_encode($json), '+/', '-_'), '=');
}

function parley_token(): ?string {
    $user = wp_get_current_user();
    if (!$user->exists()) {
        return null;
    }
    $now = time();
    $claims = ['sub' => (string) $user->ID, 'name' => $user->display_name, 'aud' => PARLEY_SITE, 'iat' => $now, 'exp' => $now + 600];
    $signed = parley_part(['alg' => 'HS256', 'typ' => 'JWT']) . '.' . parley_part($claims);
    $signature = hash_hmac('sha256', $signed, PARLEY_SSO_SECRET, true);
    return $signed . '.' . rtrim(strtr(base64_encode($signature), '+/', '-_'), '=');
}

add_filter('comments_template', function () {
    return __DIR__ . '/parley-template.php';
});

add_action('rest_api_init', function () {
    register_rest_route('parley/v1', '/token', [
        'methods' => 'GET',
        'permission_callback' => '__return_true',
        'callback' => function () {
            $token = parley_token();
            return $token === null ? new WP_REST_Response(null, 401) : new WP_REST_Response(['token' => $token]);
        },
    ]);
});

/* parley-template.php, beside this file:

<div id="parley" data-site="<?= esc_attr(PARLEY_SITE) ?>" data-url="<?= esc_url(get_permalink()) ?>"
     data-identifier="wp-<?= get_the_ID() ?>"<?php if ($token = parley_token()) { ?> data-sso="<?= esc_attr($token) ?>"<?php } ?>></div>
<script async src="<?= esc_url(PARLEY_URL) ?>/embed.js"></script>
*/
