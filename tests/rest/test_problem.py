import json
from http import HTTPStatus

from streamer.rest.problem import Problem


def test_a_problem_is_an_answer_of_its_kind() -> None:
    response = Problem(HTTPStatus.NOT_FOUND, "no such thing").response()
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert json.loads(bytes(response.body)) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "no such thing",
    }
    assert "retry-after" not in response.headers


def test_it_says_when_to_come_again() -> None:
    assert Problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", 3).response().headers["retry-after"] == "3"
