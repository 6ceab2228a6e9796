"""Addresses under /api/ that are not there."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def not_found(request: HttpRequest, rest: str) -> HttpResponse:
    """404 in JSON."""
    return JsonResponse({"error": f"there is no /api/{rest} here"}, status=404)
