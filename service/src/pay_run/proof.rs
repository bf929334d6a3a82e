//! The proof that a line is part of what was signed, without showing the others.

use domain::digest::{Side, Tree};
use entity::payment_line;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, ProblemCode};
use crate::pay_run::digest;

/// A neighbour on the way from a leaf to the digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SiblingView {
    /// Its hash, hexadecimal.
    #[schema(example = "c441329018a574fb6572c7a671d3de83b49305628976fa79c01c8b96a351a8b2")]
    pub hash: String,
    /// `left`: it is hashed before what is proven; `right`: after it.
    #[schema(value_type = String, example = "right")]
    pub side: Side,
}

/// The proof of one line: SHA-256(0x00, leaf), then for each sibling SHA-256(0x01, left, right), ends at the digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProofView {
    /// The line.
    pub line_id: Uuid,
    /// The revision that was signed.
    #[schema(example = 1)]
    pub revision: i64,
    /// What is hashed of the line: JSON in the form of RFC 8785, as text.
    #[schema(example = "{\"account\":\"8000205123456\",\"amount\":750000}")]
    pub leaf: String,
    /// The hash of the leaf.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub leaf_hash: String,
    /// Its place among the leaves, from 0.
    #[schema(example = 0)]
    pub index: usize,
    /// How many leaves there are: the lines, and what is kept back of them.
    #[schema(example = 2)]
    pub count: usize,
    /// The way up.
    pub siblings: Vec<SiblingView>,
    /// The digest that maker, checker and releaser signed.
    #[schema(example = "c441329018a574fb6572c7a671d3de83b49305628976fa79c01c8b96a351a8b2")]
    pub digest: String,
}

/// The proof of a line inside the caller's areas.
pub async fn proof(app: &App, actor: &Actor, id: Uuid, line_id: Uuid) -> Result<ProofView, Error> {
    let scope = actor.require(Permission::PayRunRead)?;
    let run = super::find(app.db.read(), id).await?;
    let line = payment_line::Entity::find_by_id(line_id)
        .filter(payment_line::Column::PayRunId.eq(id))
        .filter(scope.condition(Expr::col(payment_line::Column::AreaId)))
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    if run.digest.is_none() {
        return Err(Error::because(
            ProblemCode::IllegalTransition,
            "Đợt chi trả chưa được trình",
            "the pay run is not submitted",
        ));
    }
    let (lines, digest) = digest::as_signed(app.db.read(), &run).await?;
    let key = digest::key_of(&line);
    digest::with_leaves(&lines, |leaves| {
        let tree = Tree::new(leaves).map_err(Error::internal)?;
        let proof = tree.prove(&key).map_err(Error::internal)?;
        let leaf = leaves
            .iter()
            .find(|leaf| leaf.key() == key)
            .ok_or_else(Error::not_found)?;
        let siblings = proof
            .sided()
            .ok_or_else(|| Error::internal("the proof does not fit"))?
            .into_iter()
            .map(|(side, hash)| SiblingView {
                hash: hex::encode(hash),
                side,
            });
        Ok(ProofView {
            line_id,
            revision: run.revision,
            leaf: leaf.canonical_json().map_err(Error::internal)?,
            leaf_hash: hex::encode(leaf.leaf().map_err(Error::internal)?),
            index: proof.index,
            count: proof.count,
            siblings: siblings.collect(),
            digest,
        })
    })
}
