namespace Rnn.Engine;

/// <summary>Everything that can be wrong with what a caller or an operator gave. Closed: each kind has one answer.</summary>
public enum ErrorKind
{
    /// <summary>The input can't be read by this model, or lies outside a limit.</summary>
    InvalidInput,

    /// <summary>The model exists and doesn't offer this kind of prediction.</summary>
    NotSupported,

    /// <summary>No model of that name and version is loaded.</summary>
    ModelNotFound,

    /// <summary>No session of that ID ever was, as far as is remembered.</summary>
    SessionNotFound,

    /// <summary>The session was there and has ended: deleted, expired or evicted.</summary>
    SessionEnded,

    /// <summary>A session of that ID is there already.</summary>
    SessionExists,

    /// <summary>The session is not where the caller thinks.</summary>
    StepMismatch,

    /// <summary>The session was moved by another process again and again, or in the middle of a stream.</summary>
    SessionMoved,

    /// <summary>The session's state belongs to other weights than those that its model now has.</summary>
    ModelChanged,

    /// <summary>The session's model was unloaded by a call; it goes on when the model is loaded again.</summary>
    ModelUnloaded,

    /// <summary>What is served can't be changed by calls.</summary>
    ModelsFixed,

    /// <summary>The state of that step is not kept.</summary>
    StepNotKept,

    /// <summary>The same idempotency key came with another request.</summary>
    KeyReused,

    /// <summary>A call with the same idempotency key is still under way.</summary>
    CallInProgress,

    /// <summary>A call with the same idempotency key was made, and its answer is not kept.</summary>
    AnswerNotKept,

    /// <summary>The store of the sessions has no room, or may not be written to.</summary>
    StoreFull,

    /// <summary>The store of the sessions can't be reached. A change that was asked for may have been made.</summary>
    StoreUnavailable,

    /// <summary>All sessions are in use and there is no room for one more.</summary>
    SessionsFull,

    /// <summary>The caller has as many sessions, or as many bytes of them, as one may have.</summary>
    OwnerFull,

    /// <summary>More steps are waiting than are kept waiting.</summary>
    Overloaded,

    /// <summary>The state is damaged, or belongs to another model.</summary>
    StateRefused,

    /// <summary>A model's files can't be served.</summary>
    BadModel,
}
