<?php
/*
 * Plugin Name: Parley comments
 * Description: Parley's discussion in place of the theme's comments; whoever is signed in to WordPress is signed in there.
 *
 * In wp-config.php: define('PARLEY_URL', 'https://comments.example.org'); define('PARLEY_SITE', 'courier');
 * define('PARLEY_SSO_SECRET', '…');  from `parley key add courier "WordPress"`
 * define('PARLEY_WEBHOOK_SECRET', '…');  of a webhook that is sent to /wp-json/parley/v1/told
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

/* Whether a webhook's request comes from our Parley and is not older than five minutes. */
function parley_sent(array $headers, string $body, string $secret, int $now): bool {
    [$id, $at, $given] = [$headers['webhook-id'] ?? '', $headers['webhook-timestamp'] ?? '', $headers['webhook-signature'] ?? ''];
    if (!ctype_digit($at) || abs($now - (int) $at) > 300) {
        return false;
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret));
    $wanted = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$at.$body", $key, true));
    $is_true = false;
    foreach (explode(' ', $given) as $each) {
        $is_true = hash_equals($wanted, $each) || $is_true;
    }
    return $is_true;
}

/* Comments by article address, a hundred in one question; keep the answer for a minute (set_transient). */
function parley_counts(array $urls): array {
    $asked = implode('&', array_map(fn ($url) => 'url=' . rawurlencode($url), $urls));
    $answer = wp_remote_get(PARLEY_URL . '/api/v1/counts?site=' . rawurlencode(PARLEY_SITE) . '&' . $asked);
    $items = json_decode(wp_remote_retrieve_body($answer), true)['items'] ?? [];
    return array_combine(array_slice($urls, 0, count($items)), array_column($items, 'count'));
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
    register_rest_route('parley/v1', '/told', [
        'methods' => 'POST',
        'permission_callback' => '__return_true',
        'callback' => function (WP_REST_Request $request) {
            $names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
            $headers = array_combine($names, array_map(fn ($name) => (string) $request->get_header($name), $names));
            $is_true = parley_sent($headers, $request->get_body(), PARLEY_WEBHOOK_SECRET, time());
            return new WP_REST_Response(null, $is_true ? 204 : 403);
        },
    ]);
});

/* parley-template.php, beside this file:

<div id="parley" data-site="<?= esc_attr(PARLEY_SITE) ?>" data-url="<?= esc_url(get_permalink()) ?>"
     data-identifier="wp-<?= get_the_ID() ?>"<?php if ($token = parley_token()) { ?> data-sso="<?= esc_attr($token) ?>"<?php } ?>></div>
<script async src="<?= esc_url(PARLEY_URL) ?>/embed.js"></script>
*/
