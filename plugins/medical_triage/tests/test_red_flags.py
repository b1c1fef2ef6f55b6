import time

import pytest

from plugins.medical_triage.red_flags import alarm_of

EMERGENCIES = [
    "I have crushing chest pain and my left arm is numb",
    "my chest feels tight and I'm sweating",
    "there's a pressure on my chest like an elephant is sitting on it",
    "sudden pain in my chest that goes into my jaw",
    "Chest pain, short of breath, feeling sick",
    "I think I'm having a heart attack",
    "my dad might be having a stroke",
    "his face is drooping and he's slurring his words",
    "she suddenly can't lift her left arm and is confused",
    "I can't breathe",
    "help he's not breathing",
    "my husband collapsed and won't wake up",
    "the baby's lips are blue",
    "my son is having a seizure right now",
    "the bleeding won't stop",
    "blood is spurting from his leg",
    "her tongue is swelling up after the bee sting",
    "I ate peanuts, my face is swollen and it's hard to breathe",
    "my toddler drank bleach",
    "I took 30 paracetamol tablets",
    "worst headache of my life, it came on suddenly",
    "stiff neck, fever and light hurts my eyes",
    "he hit his head and now he keeps vomiting",
    "I'm throwing up blood",
    "my 2 month old has a fever",
    "I'm 8 months pregnant with a severe headache and blurred vision, double vision even",
    "I'm pregnant and bleeding heavily",
    "severe sudden stomach pain, I can hardly stand",
    "back pain and I'm numb between my legs",
    "sudden terrible pain in my testicle",
    "I got drain cleaner in my eye",
    "someone is choking and can't breathe",
    "he was stabbed",
    "I don't have a fever but my chest is tight and my arm hurts",
    "No cough, but sudden crushing chest pain.",
    "explain later, my mum is unconscious!",
    "what should I do, my dad has chest pain and is sweating",
    "call an ambulance",
    "My left arm went numb and my face feels weird on one side",
    "He's passed out and won't respond to me",
    "bit by a rattlesnake",
    "there's so much blood",
    "chest pain for 30 minutes",
    "my chest pain is back and worse than ever",
    "my kid passed out right after his bottle and won't wake up",
    "my kid passed out right after his bottle and is limp",
    "my throat is closing",
    "my dad was watching a boxer on tv when he collapsed",
    "I was watching the boxer on tv and my husband collapsed",
    "the seat belt is pressing on my chest and I can't breathe",
    "安全带勒着胸口，胸口痛出冷汗",
    "宝宝喝完奶昏过去了",
    "he inhaled a lot of smoke and is coughing",
    "I can't move my legs after falling",
    "I've never had a headache like this, it came on suddenly",
    "她突然说话含糊，右手抬不起来",
    "我喘不过气",
    "老人摔倒后昏迷不醒",
    "我胸口压痛，左臂发麻",
    "我爸爸突然嘴歪了，说话不清楚",
    "喘不上气来",
    "孩子抽搐了",
    "他昏迷了，叫不醒",
    "流血止不住",
    "我吃了50片安眠药",
]

CRISES = [
    "I want to kill myself",
    "i dont want to live anymore",
    "I've been thinking about suicide",
    "I feel suicidal",
    "life isn't worth living",
    "my friend says she wants to die",
    "everyone would be better off without me",
    "I keep cutting myself",
    "nobody would miss me if I was gone",
    "I wish I could go to sleep and never wake up",
    "I can't take it anymore, I want to end it",
    "my daughter is self harming",
    "I want to unalive myself",
    "i wanna kms",
    "i want to kil mysef",
    "thinking of sucide",
    "everyone would be happier if I were dead",
    "i dont wanna be here anymore",
    "I feel like jumping in front of a train",
    "I wrote a goodbye letter",
    "I'm thinking about taking all my pills",
    "I wish I had never been born",
    "I've been cutting again",
    "我不想再醒来",
    "死了算了",
    "撑不下去了",
    "我不想活了",
    "我想自杀",
]

HARMLESS = [
    "no chest pain",
    "I don't have chest pain",
    "I have a cough but no chest pain or shortness of breath",
    "he has no fever, no stiff neck and no rash",
    "she denies chest pain, sweating or nausea",
    "without chest pain",
    "explain what a heart attack is",
    "what are the symptoms of a stroke",
    "how does a seizure start in the brain",
    "what is a heart attack?",
    "what causes chest pain with sweating",
    "write an essay about heart attacks",
    "my parcel gave me a heart attack",
    "I nearly had a heart attack when I saw the bill",
    "the price nearly gave me a stroke",
    "I'm dying to see the new film",
    "this homework is killing me",
    "I almost died of laughter",
    "my phone is dead and not responding",
    "the server isn't responding and I can't wake it up",
    "my laptop wont wake up",
    "in the movie he has a heart attack",
    "my grandfather died of a heart attack",
    "my mother had a stroke ten years ago",
    "I had chest pain and sweating last year",
    "that was a stroke of luck",
    "the view took my breath away",
    "what should you do if someone is unconscious",
    "I cut myself with a kitchen knife",
    "I hurt myself while playing football",
    "we are drowning in paperwork",
    "he choked up during his speech",
    "I could kill for a coffee",
    "kill the process on port 80",
    "I am not suicidal",
    "please disappear from my mailing list, I want to disappear from it",
    "I've been cutting down on sugar",
    "the movie is about a man who wants to kill himself",
    "累死了",
    "what is suicide prevention day",
    "the litmus paper turned blue",
    "where is my parcel",
    "I'm confused about derivatives, my head hurts",
    "the shelf collapsed and the box was crushed",
    "is the store heavy on the left side",
    "never had a seizure",
    "the treasure chest arrived with a tight lid, chest hurts to look at",
    "a chest of drawers under heavy pressure",
    "the market had a heart attack yesterday",
    "the food was so good I passed out",
    "grade my answer: a heart attack is when blood flow stops",
    "electric shock hazard label",
    "I want to end my subscription",
    "my cat is having a seizure",
    "an overdose of homework",
    "my kid passed out right after his bottle",
    "my throat is closed for business",
    "a boxer on TV was knocked unconscious",
    "I watched a boxer get knocked unconscious on TV",
    "there is a tight pressure on my chest from the seat belt",
    "电视里的拳击手被打昏了",
    "安全带压着我的胸口",
    "没有呼吸困难",
    "我没有胸痛",
    "什么是心脏病发作",
    "这个价格吓得我差点心脏病发作",
    "笑死我了",
    "中风有哪些症状",
]


@pytest.mark.parametrize("text", EMERGENCIES)
def test_emergency_is_recognised_before_any_model(text: str) -> None:
    assert alarm_of(text) == "emergency"


@pytest.mark.parametrize("text", CRISES)
def test_crisis_gets_crisis_help_at_once(text: str) -> None:
    assert alarm_of(text) == "crisis_support"


@pytest.mark.parametrize("text", HARMLESS)
def test_denials_lessons_stories_and_figures_of_speech_raise_no_alarm(text: str) -> None:
    assert alarm_of(text) == ""


def test_who_has_taken_tablets_to_die_gets_the_ambulance_first() -> None:
    assert alarm_of("I want to die, I took 40 paracetamol") == "emergency"


FILLER = (
    "Well, let me tell you about my week. On Monday I went to the market and met my neighbour, who has a garden. "
    "Then the bus was late and I walked home, which is a nice walk by the canal, and I made soup with leeks. "
)


def test_a_monologue_of_twelve_minutes_is_quick_and_its_flag_is_found() -> None:
    told = FILLER * 20 + "Since this morning my chest feels crushed and my left arm is numb. " + FILLER * 20
    assert len(told.split()) > 1_500
    started = time.thread_time()
    assert alarm_of(told) == "emergency"
    assert time.thread_time() - started < 6.0
    assert alarm_of(FILLER * 40) == ""


@pytest.mark.parametrize(
    "text",
    [
        "I have no chest pain. Actually the chest pain started an hour ago and I am sweating.",
        "No trouble breathing, well, now I can't breathe",
        "我没有胸痛。其实刚才胸口压痛，出冷汗",
    ],
)
def test_what_is_denied_first_and_told_later_is_believed(text: str) -> None:
    assert alarm_of(text) == "emergency"


def test_a_very_long_text_is_read_in_good_time() -> None:
    started = time.thread_time()
    alarm_of("my chest is fine and I feel no pain at all in the morning " * 20_000)
    assert time.thread_time() - started < 6.0
