# SPDX-License-Identifier: Apache-2.0
from .attend import (
    AttentionResult as AttentionResult,
    AttentionResults as AttentionResults,
    AttentionStream as AttentionStream,
)
from .batch_encoding import (
    BatchEncoding as BatchEncoding,
)
from .configuration import (
    AutoConfig as AutoConfig,
    BertConfig as BertConfig,
    DistilBertConfig as DistilBertConfig,
    PreTrainedConfig as PreTrainedConfig,
)
from .drop_in import (
    head_view as head_view,
    model_view as model_view,
)
from .errors import (
    AttnscopeError as AttnscopeError,
    CheckpointError as CheckpointError,
    FormatError as FormatError,
    HookError as HookError,
    HubError as HubError,
    LimitError as LimitError,
    StorageError as StorageError,
    TextError as TextError,
    UnsupportedModel as UnsupportedModel,
    UsageError as UsageError,
)
from .figure import (
    Figure as Figure,
)
from .interop import (
    from_transformers as from_transformers,
)
from .model_outputs import (
    ModelOutput as ModelOutput,
)
from .modeling import (
    AutoModel as AutoModel,
    AutoModelForMaskedLM as AutoModelForMaskedLM,
    AutoModelForQuestionAnswering as AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification as AutoModelForSequenceClassification,
    AutoModelForTokenClassification as AutoModelForTokenClassification,
    BertForMaskedLM as BertForMaskedLM,
    BertForQuestionAnswering as BertForQuestionAnswering,
    BertForSequenceClassification as BertForSequenceClassification,
    BertForTokenClassification as BertForTokenClassification,
    BertModel as BertModel,
    DistilBertForMaskedLM as DistilBertForMaskedLM,
    DistilBertForQuestionAnswering as DistilBertForQuestionAnswering,
    DistilBertForSequenceClassification as DistilBertForSequenceClassification,
    DistilBertForTokenClassification as DistilBertForTokenClassification,
    DistilBertModel as DistilBertModel,
)
from .modules import (
    Module as Module,
    ModuleList as ModuleList,
    RemovableHandle as RemovableHandle,
)
from .pretrained_model import PreTrainedModel as PreTrainedModel
from .runtime import (
    __version__ as __version__,
    get_num_threads as get_num_threads,
    set_num_threads as set_num_threads,
    version_string as version_string,
)
from .tokenization import (
    AutoTokenizer as AutoTokenizer,
    BertTokenizer as BertTokenizer,
    BertTokenizerFast as BertTokenizerFast,
    DistilBertTokenizer as DistilBertTokenizer,
    DistilBertTokenizerFast as DistilBertTokenizerFast,
)
from .viewer import (
    View as View,
    view as view,
)
