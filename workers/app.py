"""The Celery applications of the workers. They know queues by name; their tasks load by name, too.

celery -A workers.app:stream_app worker …     one thread a stream      (see worker_argv)
celery -A workers.app:render_app worker …     one process a render
"""

from orchestrator.domain.node import WorkerKind
from orchestrator.settings import settings
from orchestrator.wire.celery_app import make_app

stream_app = make_app(settings(), WorkerKind.STREAM)
render_app = make_app(settings(), WorkerKind.RENDER)
