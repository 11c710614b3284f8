//! `GET …:explain`: which rule decides whether who asks may do something.

use crate::edge::{Asked, Edge};
use crate::path::Place;
use crate::query::Params;
use crate::records::record_id;
use crate::reply::{self, Body, Stop};
use http::{Response, StatusCode};
use kernel::command::{Answer, Query};
use kernel::problem::Problem;
use kernel::read::parameter;

impl Edge {
    /// `GET /api/v1/{service}/{entities}:explain?verb=` and `…/{id}:explain?verb=`; with `role=`
    /// about roles instead of who asks.
    pub(crate) async fn explain(
        &self,
        place: &Place,
        id: Option<&str>,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let params = Params::parse(asked.parts.uri.query(), &["verb", "role"])?;
        let verb = params.text("verb");
        if verb.is_empty() {
            let text = "verb says what is to be done: read, create, update, delete or an act";
            return Err(parameter("verb", "required", text).into());
        }
        let id = id.map(|text| record_id(place, text)).transpose()?;
        let roles = params.names("role").map(str::to_owned).collect();
        let query = Query::Explain { entity: place.full_name.clone(), id, verb, roles };
        let call = self.call(place.is_system(), &asked).await?;
        match self.peers.ask(&place.entity.service, call, query).await? {
            Answer::Explained(explained) => {
                let text = serde_json::to_string(&explained);
                let text = text.map_err(|error| Problem::internal(error.to_string()))?;
                Ok(reply::json(StatusCode::OK, text))
            }
            _ => Err(Problem::internal("a question for a right was answered otherwise").into()),
        }
    }
}
