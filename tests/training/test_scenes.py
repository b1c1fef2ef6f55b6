from assistant.encoders.vision import imagenet_names
from assistant.training.sentences import SCENES, captions_of


def test_every_class_has_its_name_and_scenes_reach_the_classes_they_are_meant_for() -> None:
    names = imagenet_names()
    captions = captions_of(names)
    assert [group[0] for group in captions] == [f"a photo of a {name}" for name in names]
    for name, word in (
        ("golden retriever", "dog"),
        ("mountain bike", "bicycle"),
        ("ski", "snow"),
        ("football", "ball"),
        ("swimming trunks", "swims"),
        ("horse cart", "horse"),
        ("seashore", "beach"),
        ("pizza", "food"),
    ):
        assert any(word in line for line in captions[names.index(name)]), name


def test_no_class_is_named_twice_by_one_scene_and_none_is_out_of_range() -> None:
    for numbers, sentences in SCENES:
        listed = list(numbers)
        assert len(set(listed)) == len(listed), sentences
        assert min(listed) >= 0
        assert max(listed) < 1000
