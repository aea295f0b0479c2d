import pytest

from agent.link.gravity import Gravity, gravity

RACES = [
    "response_cancel_not_active",
    "conversation_already_has_active_response",
    "unsupported_content_type",
    "item_truncate_invalid_item_id",
    "item_delete_invalid_item_id",
    "item_retrieve_invalid_item_id",
    "item_not_found",
    "invalid_type",
    "cannot_update_voice",
]


@pytest.mark.parametrize("code", [*RACES, "a_code_of_next_year", ""])
def test_races_and_unknown_codes_change_nothing(code):
    assert gravity(code, "item_id") is Gravity.BENIGN


@pytest.mark.parametrize(
    ("code", "weight"),
    [
        ("input_audio_buffer_commit_empty", Gravity.TURN),
        ("server_error", Gravity.TURN),
        ("rate_limit_exceeded", Gravity.LIMITED),
        ("inference_rate_limit_exceeded", Gravity.LIMITED),
        ("insufficient_quota", Gravity.LIMITED),
        ("billing_hard_limit_reached", Gravity.LIMITED),
        ("beta_api_shape_disabled", Gravity.FATAL),
        ("invalid_api_key", Gravity.FATAL),
        ("account_deactivated", Gravity.FATAL),
        ("session_expired", Gravity.SESSION),
    ],
)
def test_the_few_codes_that_weigh_something(code, weight):
    assert gravity(code) is weight


@pytest.mark.parametrize("code", ["unknown_parameter", "missing_required_parameter", "invalid_value"])
def test_refused_settings_are_a_matter_of_configuration(code):
    assert gravity(code, "session.voice") is gravity(code, "session") is Gravity.CONFIGURATION


def test_a_truncate_past_the_end_is_benign():
    assert gravity("invalid_value", "audio_end_ms") is gravity("invalid_value") is Gravity.BENIGN
