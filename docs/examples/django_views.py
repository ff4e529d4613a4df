"""Parley in Django: put `parley.py` beside this file, and the routes into urls.py.

Settings: PARLEY_URL, PARLEY_SITE, PARLEY_SSO_SECRET and PARLEY_WEBHOOK_SECRET.

    {# in the article's template, with `parley_token` from the context #}
    <div id="parley" data-site="courier"{% if parley_token %} data-sso="{{ parley_token }}"{% endif %}></div>
    <script async src="https://comments.example.org/embed.js"></script>
"""

from django.conf import settings
from django.http import HttpResponse, HttpResponseForbidden, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from .parley import counts, is_from_parley, sign_in_token


def parley(request):
    """A context processor: name it in TEMPLATES, and `parley_token` is there in every template."""
    user = request.user
    if not user.is_authenticated:
        return {"parley_token": None}
    name = user.get_full_name() or user.get_username()
    return {"parley_token": sign_in_token(settings.PARLEY_SSO_SECRET, settings.PARLEY_SITE, str(user.pk), name)}


@require_GET
def comment_counts(request):
    """How many comments the articles of a list have, in one question: `?url=…&url=…`."""
    return JsonResponse(counts(settings.PARLEY_URL, settings.PARLEY_SITE, request.GET.getlist("url")))


@never_cache
@require_GET
def comments_token(request):
    """A fresh token for the frame; 401 for who is signed out."""
    token = parley(request)["parley_token"]
    return HttpResponse(token, content_type="text/plain") if token else HttpResponse(status=401)


@csrf_exempt
@require_POST
def told(request):
    """What Parley tells: the signature takes the place of a CSRF token."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not is_from_parley(settings.PARLEY_WEBHOOK_SECRET, headers, request.body):
        return HttpResponseForbidden()
    return HttpResponse(status=204)
