"""The assistant as a whole: builds its parts, opens quickly, and answers."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from assistant.bus import Bus
from assistant.considering import Considering, Explained
from assistant.dialogue.clarification import Clarifications
from assistant.dialogue.manager import DialogueManager
from assistant.dialogue.tool_calls import ToolCalls
from assistant.dialogue.turn_state import TurnState
from assistant.encoders.memory import trim_memory
from assistant.encoders.models import Models
from assistant.encoders.runner import ModelRunner
from assistant.encoders.worker import InferenceWorker
from assistant.errors import SettingsError, UserError
from assistant.events import Notice
from assistant.fusion.factory import create_fusion
from assistant.fusion.strategy import FusionStrategy
from assistant.intents import IntentModel
from assistant.intents.own_examples import OwnExamples
from assistant.intents.slots import expected_words
from assistant.loading import Loading, create_models, read_ahead
from assistant.outputs.reply_files import ReplyVoice
from assistant.outputs.schedule import Schedule
from assistant.outputs.scheduler import Scheduler
from assistant.pipeline import Pipeline
from assistant.plugins.api import Services
from assistant.plugins.manager import PluginManager
from assistant.plugins.plugin import PluginInfo
from assistant.plugins.reloading import Reloader
from assistant.plugins.services import PluginServices, SharedParts
from assistant.safety import SafetyChecks
from assistant.settings import Settings, config_dir, data_dir, load_settings, shipped_dir
from assistant.speech.tone import ToneReader
from assistant.storage import Attachments, Database, DialogueLog, History, Memory, RequestLog, SessionLocks
from assistant.types import AudioClip, Decision, Modality, Picture, Reply, Transcript, Turn, TurnResult
from assistant.understanding.model import ClauseReader

if TYPE_CHECKING:
    from assistant.retrieval.items import Hit, Kind
    from assistant.retrieval.library.library import Library

__all__ = ["App"]

REMEMBERED = 16
"""sessions whose last turn is kept with its encodings (some MB when it was spoken), to be explained"""


class App:
    """Everything that runs. Use `App.open`, then `respond`, then `close`.

    Attributes:
        runner: every encoder, speech recognition and OCR.
        scheduler: says what was to be said later; enter `Scheduler.ringing` where it can be shown.
        own_examples: sentences of the user's own, with what each is meant for.
        considering: tells what would become of a turn.
    """

    def __init__(
        self, settings: Settings, bus: Bus, plugins: PluginManager, safety: SafetyChecks, models: Models
    ) -> None:
        self.settings = settings
        self.bus = bus
        self.plugins = plugins
        self.safety = safety
        self.worker = InferenceWorker(settings.inference.queue)
        self.runner = ModelRunner(models, self.worker, bus, settings.turns.encode_deadline, ToneReader().read)
        self.model = IntentModel(models.encoders, self._fusion(), settings)
        self._database = Database(settings.storage_url)
        attachments = self._attachments = Attachments(data_dir() / "attachments")
        self.requests = RequestLog(self._database)
        self.history = History(self._database, attachments, self.requests.record, settings.storage.keep_days)
        self.memory = Memory(self._database, enabled=settings.memory.enabled)
        self.dialogues = DialogueManager(
            DialogueLog(self._database), attachments, plugins, bus, confirm_within=settings.turns.confirm_within
        )
        self.scheduler = Scheduler(Schedule(self._database), bus, self._database, data_dir() / "run" / "ringing.lock")
        self._clarifications = Clarifications(self.history, attachments)
        own_encoder = settings.text.model in (type(settings.text)().model, "mpnet-base")
        asked, reader = self._clarifications, ClauseReader(uses_states=own_encoder)
        self.own_examples = OwnExamples(
            config_dir() / "examples.toml", lambda problem: bus.publish(Notice(text=problem))
        )
        own = self.own_examples
        tools = ToolCalls(plugins)
        self._pipeline = Pipeline(
            self.runner, self.model, plugins, self.dialogues, asked, self.history, bus, safety, reader, own, tools
        )
        self.considering = Considering(
            self._pipeline, self.runner, self.model, plugins, self.dialogues, self.wait_ready
        )
        self._shared = SharedParts(
            settings,
            self.runner,
            self.history,
            self.scheduler,
            self.memory,
            intents=lambda: plugins.intents,
            kinds=lambda encodings: self.model.picture_kinds(encodings),
            library=self.library,
            tools=tools.of,
        )
        start_plugins, idle = partial(plugins.startup, self._services_of), settings.inference.idle_unload

        def prepare() -> None:
            self._database.open()
            reader.load()

        more = self._pipeline.prepare
        self._loading = Loading(self.runner, start_plugins, self._fit, prepare, more, self.worker, bus, idle)
        self._reloader = Reloader(settings, plugins, bus)
        self._sessions = SessionLocks(self._database)
        self._last: OrderedDict[str, TurnState] = OrderedDict()
        self.voice = ReplyVoice(settings)
        self._library: Library | None = None

    @classmethod
    async def open(cls, settings: Settings | None = None, *, ahead: Collection[Modality] = ()) -> App:
        """Build everything and load the plugins; no model is loaded yet. Raises `SettingsError`.

        Args:
            settings: None for the user's own.
            ahead: what the turns will need that follow at once: begin to read their models.
        """
        settings = settings or load_settings()
        bus = Bus()
        bus.bind(asyncio.get_running_loop())
        plugins, safety = PluginManager(settings, bus), SafetyChecks(shipped_dir("plugins"))
        models = create_models(settings)
        if ahead:
            read_ahead(models, settings, ahead)
        await asyncio.to_thread(safety.wait)  # before any plugin's code runs
        await asyncio.to_thread(plugins.load)
        models.speech.expect(expected_words(plugins.intents))
        for problem in safety.problems:
            bus.publish(Notice(text=problem))
        return cls(settings, bus, plugins, safety, models)

    def _fit(self) -> None:
        self.model.fit([intent for intent in self.plugins.intents if intent.examples])

    def _fusion(self) -> FusionStrategy:
        name = self.settings.fusion.strategy
        strategy = create_fusion(name)
        if strategy is None:
            raise SettingsError(f"Setting fusion.strategy cannot be {name!r}: choose attention, early or late.")
        return strategy

    # Loading

    def start_loading(self, *, text_only: bool = False) -> None:
        """Load the models in the background; `text_only`: those for sound and pictures when they are needed."""
        self._loading.start(text_only=text_only)

    @property
    def ready(self) -> bool:
        """Whether typed turns are answered without waiting."""
        return self._loading.ready

    async def wait_ready(self) -> None:
        """Wait until typed turns can be answered; raises `ModelUnavailable`."""
        await self._loading.wait()

    # Answering

    async def respond(self, turn: Turn, chosen: Decision | None = None) -> TurnResult:
        """Answer a turn; turns of one session are answered one after another. Raises `UserError`, one line.

        Args:
            chosen: which intent another program has chosen for it, with its slots; None to decide here.
        """
        if self.safety.check(turn.utterance) is not None:
            return await self.answer(turn)  # needs no model and no earlier turn
        await self.wait_ready()
        async with self.holding(turn.session):
            return await self.answer(turn, chosen=chosen)

    def holding(self, session: str) -> AbstractAsyncContextManager[None]:
        """Keep all others, also other processes on the same database, from answering in a session."""
        return self._sessions.hold(session)

    async def answer(self, turn: Turn, *, again: bool = False, chosen: Decision | None = None) -> TurnResult:
        """Answer a turn of a session that the caller is `holding`; see `respond`.

        Args:
            again: it may have been begun before, by a process that was killed; what it did is not done again.
        """
        if self.safety.check(turn.utterance) is None:
            await self.wait_ready()
            if await self._reloader.look(self._services_of) | self.plugins.refresh():
                await self.worker.run(self._fit)
        try:
            state = self._last[turn.session] = await self._pipeline.run(turn, again=again, chosen=chosen)
        finally:
            turns = (turn, *(state.turn for state in self._last.values()))
            if pictures := [picture for each in turns for picture in each.images if picture.decoded]:
                await asyncio.to_thread(self._let_go, pictures)
                asyncio.get_running_loop().run_in_executor(None, trim_memory)  # the reply does not wait for it
        self._last.move_to_end(turn.session)
        while len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        return state.result

    def _let_go(self, pictures: Sequence[Picture]) -> None:
        """Drop decoded pictures between turns; the history can read them again."""
        for picture in pictures:
            self._attachments.let_go(picture)

    async def forget(self, session: str) -> int:
        """Delete a session; see `History.forget`. Returns the number of turns deleted."""
        async with self.holding(session):
            self.dialogues.forget(session)
            self._clarifications.forget(session)
            self._last.pop(session, None)
            return await asyncio.to_thread(self.history.forget, session)

    def last_result(self, session: str) -> TurnResult | None:
        """The last answered turn of a session since the start, unless too many others came after it."""
        state = self._last.get(session)
        return state.result if state else None

    async def explain_last(self, session: str) -> Explained | None:
        """Why the last turn of a session was decided as it was; None where `last_result` is."""
        state = self._last.get(session)
        return await self.considering.explain_state(state) if state else None

    async def resume_session(self, session: str) -> Reply | None:
        """Go on with what a restart cut off: the question that still waits in this conversation, if any."""
        await self.wait_ready()
        async with self.holding(session):
            try:
                said = await self.dialogues.recover(session)
            except UserError as error:
                return Reply(str(error))
            return said[-1] if said else self.dialogues.waiting.question(session)

    async def transcribe(
        self, clip: AudioClip, language: str = "", *, prompt: str = "", words: bool = False, keep: bool = True
    ) -> Transcript:
        """Transcribe a clip; doubtful words are kept if they are alarming. Raises `AudioError`.

        Args:
            language: ISO 639-1; "" does as the settings say.
            prompt: words said before, for spelling and style.
            words: also find when each word is said.
            keep: a turn with the same clip may follow, which is then not listened to again.
        """
        heard = await self.runner.transcribe(clip, language, prompt=prompt, words=words, keep=keep)
        if heard.doubtful and self.safety.check(heard.with_doubtful.text) is not None:
            return heard.with_doubtful
        return heard

    # Finding

    async def find(
        self, text: str, picture: Picture | None = None, top: int = 5, kind: Kind | None = None
    ) -> list[Hit]:
        """Search the user's library by words, by a picture, or by both; raises `SettingsError` and `StorageError`."""
        await self.wait_ready()
        if (library := self.library()) is None:
            return []
        return await self.worker.run(partial(library.search, text, picture=picture, top=top, kind=kind))

    @overload
    def library(self) -> Library | None: ...

    @overload
    def library(self, *, made: Literal[True]) -> Library: ...

    def library(self, *, made: bool = False) -> Library | None:
        """The user's library; None, and nothing imported, where nothing was ever added, unless it is to be `made`.

        Raises:
            SettingsError: the extra packages are not installed.
        """
        if self._library is None:
            folder = self.settings.library.folder or str(data_dir() / "library")
            if not made and "://" not in folder and not Path(folder).is_dir():
                return None
            from assistant.retrieval.library.library import Library

            self._library = Library(self.settings, self.runner.models)
        return self._library

    async def close(self) -> None:
        """Stop everything; what is stored stays."""
        await self._loading.close()
        await self.dialogues.close()
        await self.plugins.shutdown()
        self.safety.close()
        self.worker.close()
        self._sessions.close()
        self._database.close()

    def _services_of(self, plugin: PluginInfo) -> Services:
        return PluginServices(plugin.name, self._shared)

    def services_for(self, plugin: str) -> Services:
        """Services of one active plugin, its capabilities enforced, for its own commands; usable from any thread."""
        return self.plugins.services_for(plugin, self._services_of)
